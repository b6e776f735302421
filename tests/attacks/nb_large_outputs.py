"""Shows more than anybody wants to keep: streams, pictures, results."""
from IPython.display import HTML, display

for _ in range(150):
    display(HTML("<script>alert(1)</script>" * 10_000))
    print("x" * 100_000)

"""Lists the folders of the project and the root."""
import glob

for folder in (FACTS["project"], FACTS["folder"], "/", "/etc"):
    for way in (os.listdir, lambda f: list(os.scandir(f)), lambda f: glob.glob(f + "/*")):
        try:
            if way(folder):
                breached(folder)
        except OSError:
            continue

"""Lists the folders of the project, the home and the root."""
import glob

for folder in (FACTS["project"], os.path.dirname(FACTS["secret"]), "/root", "/home", "/", "/etc", "/proc"):
    for way in (os.listdir, lambda f: list(os.scandir(f)), lambda f: glob.glob(f + "/*")):
        try:
            if way(folder):
                breached(folder)
        except OSError:
            continue

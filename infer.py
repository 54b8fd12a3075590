"""``aegis infer`` for those who run a script."""

from aegismatrix_engine.cli import infer, main

if __name__ == "__main__":
    main(command=infer, name="infer.py")

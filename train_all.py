"""``aegis train`` for those who run a script."""

from aegismatrix_engine.cli import main, train

if __name__ == "__main__":
    main(command=train, name="train_all.py")

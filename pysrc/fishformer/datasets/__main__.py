"""Write the listing of the French pairs: python -m fishformer.datasets."""

from pathlib import Path

from fishformer.datasets.french import write_french

if __name__ == "__main__":
    write_french(Path(__file__).parents[1] / "data")

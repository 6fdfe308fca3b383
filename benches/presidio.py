"""Presidio over the texts of `cargo bench -p portcullis --bench against`: recognizers that go by patterns only, no language model.

    cargo bench -p portcullis --bench against -- --write=FOLDER
    python3 -m venv VENV && VENV/bin/pip install presidio-analyzer
    VENV/bin/python benches/presidio.py FOLDER

Presidio takes a text as a whole, so each JSON string is given to it decoded, as a filter would have to do it. That is not counted in
the time. So that it does not take hours, it gets the first strings of each file, as many as make up 200 KB.
"""

import json
import pathlib
import sys
import time

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, EmailRecognizer, IbanRecognizer, UsSsnRecognizer

BYTES = 200_000


class Blank(SpacyNlpEngine):
    """Words and nothing else."""

    def __init__(self):
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)
    elif isinstance(value, dict):
        for element in value.values():
            yield from strings(element)


def some(texts):
    size = 0
    for text in texts:
        yield text
        size += len(text.encode())
        if size > BYTES:
            return


def main(folder):
    registry = RecognizerRegistry(supported_languages=["en"])
    for recognizer in (CreditCardRecognizer, EmailRecognizer, IbanRecognizer, UsSsnRecognizer):
        registry.add_recognizer(recognizer())
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    analyzer.analyze(text="jo@example.com", language="en")
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        texts = list(some(strings(json.loads(path.read_text()))))
        size = sum(len(text.encode()) for text in texts)
        begun = time.perf_counter()
        found = sum(len(analyzer.analyze(text=text, language="en")) for text in texts)
        seconds = time.perf_counter() - begun
        print(f"{path.stem}: {size / seconds / 1e6:.3f} MB/s, {found} found in {size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])

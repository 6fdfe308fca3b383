"""Presidio's analyzer behind HTTP, for the test that asks the real one: `python presidio.py PORT`.

The package on PyPI has no server in it, and its language models are downloads of their own. So this says `POST /analyze` as Presidio's own server does (one text
or a list, `BatchAnalyzerEngine`), over a pipeline without a model: its pattern recognizers are real, and names come from a list.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    AnalyzerRequest,
    BatchAnalyzerEngine,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.nlp_engine import SpacyNlpEngine

NAMES = ["Hannah Abbott", "Ravi Menon", "Lucía Ortega", "Jonas Weber"]


class Blank(SpacyNlpEngine):
    """An engine whose pipeline splits words and does nothing else."""

    def __init__(self):
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def engine():
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    registry.add_recognizer(PatternRecognizer(supported_entity="PERSON", deny_list=NAMES, name="names"))
    return BatchAnalyzerEngine(AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"]))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = AnalyzerRequest(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        is_batch = isinstance(asked.text, list)
        try:
            found = self.server.engine.analyze_iterator(
                texts=asked.text if is_batch else [asked.text],
                language=asked.language,
                correlation_id=asked.correlation_id,
                score_threshold=asked.score_threshold,
                entities=asked.entities,
                return_decision_process=asked.return_decision_process,
                ad_hoc_recognizers=asked.ad_hoc_recognizers,
                context=asked.context,
                allow_list=asked.allow_list,
                allow_list_match=asked.allow_list_match,
                regex_flags=asked.regex_flags,
            )
            for result in (result for results in found for result in results):
                result.__dict__.pop("recognition_metadata", None)
            body = json.dumps(found if is_batch else found[0], default=lambda o: o.to_dict(), sort_keys=True)
            status = 200
        except Exception as e:  # As Presidio's server: whatever it was, it is told.
            body, status = json.dumps({"error": str(e)}), 500
        body = body.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.engine = engine()
    print("ready", flush=True)
    server.serve_forever()

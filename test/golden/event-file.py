"""Writes event-file.json: an event file as TensorBoard's own writer makes it.

Needs TensorBoard (2.21.0). Format: see README.md.
"""
import json
import pathlib
import tempfile

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

SECONDS = 1795348800
SCALARS = [(0, 'loss/test', 2.302585), (1, 'batch/loss', 0.125), (300, 'batch/loss', float('inf')),
           (70000, 'accuracy/test', 0.9785), (70000, 'Größe', -1e-8)]

with tempfile.NamedTemporaryFile() as file:
    writer = RecordWriter(open(file.name, 'wb'))
    writer.write(Event(wall_time=SECONDS, file_version='brain.Event:2').SerializeToString())
    for step, tag, value in SCALARS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.write(Event(wall_time=SECONDS, step=step, summary=summary).SerializeToString())
    writer.close()
    data = pathlib.Path(file.name).read_bytes()

golden = {
    'tensorboard': tensorboard.__version__,
    'seconds': SECONDS,
    'scalars': [{'step': step, 'tag': tag, 'value': 'Infinity' if value == float('inf') else value}
                for step, tag, value in SCALARS],
    'bytes': data.hex(),
}
path = pathlib.Path(__file__).with_suffix('.json')
path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + '\n', encoding='utf8')

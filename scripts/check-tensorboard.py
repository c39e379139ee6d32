"""Reads all event files below a folder as TensorBoard does, and says what is in them: python3 scripts/check-tensorboard.py FOLDER

Needs TensorBoard (pip install tensorboard). Ends with 1 where there are no files, or one has no scalars or cannot be read to its end.
"""
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

files = sorted(pathlib.Path(sys.argv[1]).rglob('events.out.tfevents.*'))
bad = len(files) == 0
for file in files:
    # The loader stops in silence where a checksum is wrong: what it has read has to be all of the file.
    events = list(LegacyEventFileLoader(str(file)).Load())
    size = sum(event.ByteSize() + 16 for event in events)
    accumulator = EventAccumulator(str(file), size_guidance={'scalars': 0})
    accumulator.Reload()
    tags = accumulator.Tags()['scalars']
    bad = bad or not tags or size != file.stat().st_size
    told = ', '.join(f'{tag}: {len(accumulator.Scalars(tag))}' for tag in tags)
    print(f'{file.relative_to(sys.argv[1])}: {told or "no scalars"}{"" if size == file.stat().st_size else ", BROKEN"}')
sys.exit(1 if bad else 0)

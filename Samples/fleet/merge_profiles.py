#!/usr/bin/env python3
"""Merges all profiles of a folder or an object store, as an Apache Beam pipeline.

    merge_profiles.py --profiles 'gs://bucket/2024-05-01/*.wasmprof' --output gs://bucket/all.wasmprof \
        --wasm-pgo /usr/local/bin/wasm-pgo --runner DataflowRunner …

Each worker needs the executable wasm-pgo, which does the adding up: `wasm-pgo profile merge`. Merging is associative and
commutative to the byte, so the result does not depend on how the runner groups profiles. All options that are not listed
by --help are Beam's. Exits with 1, and writes nothing, if there is no profile or one of them cannot be read.
"""
import argparse
import pathlib
import subprocess
import tempfile

import apache_beam as beam
from apache_beam.io import fileio, filesystems
from apache_beam.options.pipeline_options import PipelineOptions


class MergeProfiles(beam.CombineFn):
    """Adds up profiles, given as their bytes. An accumulator is a list of those that are still to be merged."""

    # Files of one call of `wasm-pgo profile merge`: enough to make starting it cheap, few enough for a worker's memory.
    BATCH = 64

    def __init__(self, program):
        self.program = program

    def create_accumulator(self):
        return []

    def add_input(self, accumulator, profile):
        accumulator.append(profile)
        return self.compact(accumulator)

    def merge_accumulators(self, accumulators):
        result = []
        for accumulator in accumulators:
            for profile in accumulator:
                result = self.add_input(result, profile)
        return result

    def compact(self, accumulator):
        return accumulator if len(accumulator) < self.BATCH else [self.merged(accumulator)]

    def extract_output(self, accumulator):
        return self.merged(accumulator)

    def merged(self, profiles):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            names = []
            for number, profile in enumerate(profiles):
                names.append(folder / str(number))
                names[-1].write_bytes(profile)
            (folder / "list").write_text("".join(f"{name}\n" for name in names))
            outcome = subprocess.run(
                [self.program, "profile", "merge", "--inputs", folder / "list", "-o", folder / "sum"],
                capture_output=True, text=True)
            if outcome.returncode != 0:
                raise RuntimeError(f"wasm-pgo profile merge failed: {outcome.stderr}")
            return (folder / "sum").read_bytes()


def write(profile, path):
    """Under another name first: whoever reads the path never sees a part of it."""
    system = filesystems.FileSystems
    part = f"{path}.part"
    with system.create(part) as file:
        file.write(profile)
    if system.exists(path):
        system.delete([path])
    system.rename([part], [path])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", required=True, help="a pattern of paths or URLs")
    parser.add_argument("--output", required=True, help="the sum")
    parser.add_argument("--wasm-pgo", default="wasm-pgo", help="the executable, on the workers")
    known, rest = parser.parse_known_args()
    with beam.Pipeline(options=PipelineOptions(rest)) as pipeline:
        (
            pipeline
            | "List" >> fileio.MatchFiles(
                known.profiles, empty_match_treatment=fileio.EmptyMatchTreatment.DISALLOW)
            # One machine lists them; many read them.
            | "Spread" >> beam.Reshuffle()
            | "Open" >> fileio.ReadMatches(compression=filesystems.CompressionTypes.UNCOMPRESSED)
            | "Read" >> beam.Map(lambda file: file.read())
            | "Merge" >> beam.CombineGlobally(MergeProfiles(known.wasm_pgo)).without_defaults()
            | "Write" >> beam.Map(write, known.output)
        )


if __name__ == "__main__":
    main()

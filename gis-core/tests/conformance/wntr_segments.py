"""Writes what WNTR says about valve segments, for the Rust tests to compare with.

Usage: wntr_segments.py FOLDER   (needs the Python packages wntr and six)

For every network and valve layer it makes FOLDER/segments/<name>/ with

nodes.csv      exchange layout: code, class, x, y, on_pipe, on_pipe_distance_m, is_open, is_operable, kind.
               A valve of the layer sits on its pipe, close to the end that WNTR puts it at.
pipes.csv      exchange layout: code, class, from, to, length_m, diameter_mm. Pumps and valves of the network are
               plain pipes here: WNTR's segments know only the layer's valves.
expected.json  {"network", "layer", "seed", "sources": [node], "valves": [{"code", "link", "node"}],
                "segments": [{"links": [code], "nodes": [code]}]}
               Segments are sorted, so that two runs write the same bytes. To WNTR a source is a node like any other.
"""

import csv
import json
import sys
import warnings
from collections import defaultdict
from pathlib import Path

import wntr

ROOT = Path(__file__).resolve().parents[3]
NETWORKS = ["Net3", "ky4"]
SEED = 20260101
# Name, placement, n: of a node's pipes all but n have a valve, or n valves anywhere.
LAYERS = {
    "Net3": [("strategic1", "strategic", 1), ("strategic2", "strategic", 2), ("random", "random", 40)],
    "ky4": [("strategic1", "strategic", 1), ("strategic2", "strategic", 2), ("random", "random", 400)],
}
SMALLEST_LENGTH_M = 0.01


def length_m(link):
    return max(getattr(link, "length", 0.0) or 0.0, SMALLEST_LENGTH_M)


def write_pipes(path, network):
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["code", "class", "from", "to", "length_m", "diameter_mm"])
        for name, link in network.links():
            diameter_mm = (getattr(link, "diameter", 0.0) or 0.0) * 1000
            out.writerow(
                [name, "pipe", link.start_node_name, link.end_node_name, repr(length_m(link)), repr(diameter_mm)]
            )


def write_nodes(path, network, valves):
    classes = {"Junction": "junction", "Tank": "tank", "Reservoir": "reservoir"}
    columns = ["code", "class", "kind", "x", "y", "on_pipe", "on_pipe_distance_m", "is_open", "is_operable"]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        for name, node in network.nodes():
            x, y = node.coordinates
            out.writerow([name, classes[node.node_type], "", repr(float(x)), repr(float(y)), "", "", "", ""])
        for valve in valves:
            link = network.get_link(valve["link"])
            start, end = link.start_node.coordinates, link.end_node.coordinates
            share = 0.01 if valve["node"] == link.start_node_name else 0.99
            x, y = (float(a + share * (b - a)) for a, b in zip(start, end))
            row = [valve["code"], "valve", "gate", repr(x), repr(y)]
            out.writerow(row + [valve["link"], repr(share * length_m(link)), "true", "true"])


def segments(network, layer):
    nodes, links, _ = wntr.metrics.topographic.valve_segments(network.to_graph(), layer.copy())
    found = defaultdict(lambda: {"links": [], "nodes": []})
    for name, number in links.items():
        found[number]["links"].append(name)
    for name, number in nodes.items():
        found[number]["nodes"].append(name)
    for segment in found.values():
        segment["links"].sort()
        segment["nodes"].sort()
    return sorted(found.values(), key=lambda s: (s["links"], s["nodes"]))


def write_case(folder, name, layer_name, placement, n):
    network = wntr.network.WaterNetworkModel(str(ROOT / "sample-data" / f"{name}.inp"))
    layer = wntr.network.generate_valve_layer(network, placement, n, SEED).drop_duplicates(ignore_index=True)
    valves = [
        {"code": f"layer-valve-{i}", "link": str(row.link), "node": str(row.node)}
        for i, row in enumerate(layer.itertuples())
    ]
    expected = {
        "network": name,
        "layer": layer_name,
        "seed": SEED,
        "sources": sorted(network.reservoir_name_list + network.tank_name_list),
        "valves": valves,
        "segments": segments(network, layer),
    }
    case = folder / f"{name}-{layer_name}"
    case.mkdir(parents=True, exist_ok=True)
    write_pipes(case / "pipes.csv", network)
    write_nodes(case / "nodes.csv", network, valves)
    with (case / "expected.json").open("w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=1)
        file.write("\n")
    print(f"{case.name}: {len(valves)} valves, {len(expected['segments'])} segments")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    for name in NETWORKS:
        for layer in LAYERS[name]:
            write_case(Path(sys.argv[1]) / "segments", name, *layer)


if __name__ == "__main__":
    main()

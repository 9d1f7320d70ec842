"""Renders views of a layer with QGIS and prints, as JSON, how long each picture took.

Usage: draw_with_qgis.py FILE.gpkg LAYER WIDTH HEIGHT OUT.png MIN_X,MIN_Y,MAX_X,MAX_Y ...
The first view is drawn twice: the first picture also reads the file into the cache of the disk.
"""

import json
import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (  # noqa: E402
    Qgis,
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402


def main():
    path, name, width, height, out = sys.argv[1:6]
    views = [[float(n) for n in view.split(",")] for view in sys.argv[6:]]
    application = QgsApplication([], False)
    application.initQgis()
    started = time.perf_counter()
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    if not layer.isValid():
        sys.exit(f"QGIS cannot read layer {name} of {path}")
    opened = time.perf_counter() - started
    times = []
    for view in [views[0], *views]:
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(layer.crs())
        settings.setBackgroundColor(QColor(255, 255, 255))
        settings.setOutputSize(QSize(int(width), int(height)))
        settings.setExtent(QgsRectangle(*view))
        settings.setFlag(Qgis.MapSettingsFlag.Antialiasing)
        settings.setFlag(Qgis.MapSettingsFlag.UseRenderingOptimization)
        started = time.perf_counter()
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        times.append(time.perf_counter() - started)
        job.renderedImage().save(out)
    print(json.dumps({"version": Qgis.version(), "features": layer.featureCount(), "open_s": opened, "picture_s": times}))
    application.exitQgis()


main()

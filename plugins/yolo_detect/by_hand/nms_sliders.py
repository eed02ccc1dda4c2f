"""NMS with a slider for each threshold, in a notebook, without widgets or a network."""

from __future__ import annotations

import html

from nntasks.plugins.yolo_detect.by_hand.output_tensor import OutputTensor

_HEIGHT = 640  # CSS pixels of the frame


class NmsSliders:
    """The boxes of pictures before and after NMS; as the last line of a cell it shows itself.

    Args:
        outputs: the output of a detector for each picture (`read_output`).
        confidence: the threshold of the score at first, in 0..1.
        iou: that of NMS, likewise.
    """

    def __init__(self, *outputs: OutputTensor, confidence: float = 0.25, iou: float = 0.45) -> None:
        self.outputs, self.confidence, self.iou = outputs, confidence, iou

    def __repr__(self) -> str:
        return f"<NmsSliders: {len(self.outputs)} pictures; shows itself in a notebook>"

    def page(self) -> str:
        """Return the sliders as an HTML page of their own."""
        from nntasks.interfaces.report_data import ReportContent
        from nntasks.plugins.yolo_detect.suppression_view import figure
        from nntasks.report.drawing import draw_all
        from nntasks.report.html import render_report

        named = [(f"picture {number}", one) for number, one in enumerate(self.outputs, 1)]
        pictures, problems = draw_all([figure(lambda: named, self.confidence, self.iou)])
        content = ReportContent(title="NMS", figures=pictures, warnings=problems)
        return render_report(content)

    def _repr_html_(self) -> str:
        # A frame of its own, so that neither page can disturb the other.
        return (
            f'<iframe srcdoc="{html.escape(self.page())}" title="NMS with sliders" '
            f'style="width: 100%; height: {_HEIGHT}px; border: 0"></iframe>'
        )

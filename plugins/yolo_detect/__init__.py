"""YOLOv5 object detection."""

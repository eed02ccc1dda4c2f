"""From a picture to boxes: letterbox, network, decoding, NMS, drawing."""

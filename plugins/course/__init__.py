"""Registers the course: exercises with their checks, and notebooks."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_CHECKS = "nntasks.plugins.course.exercises"
_PAGES = "nntasks.plugins.course.notebooks"
_NETWORK, _CNN, _DETECT = ("numpy_mlp",), ("cnn_classify",), ("yolo_detect",)
_SEGMENT, _WORDS, _ANALYSIS = ("unet_segment",), ("word2vec",), ("embedding_analysis",)


@hookimpl
def register_exercises() -> Iterable[Entry]:
    rows = [
        ("Linear", "layers:LinearExercise", "the linear layer", _NETWORK),
        ("Relu", "layers:ReluExercise", "ReLU", _NETWORK),
        ("Sigmoid", "layers:SigmoidExercise", "the sigmoid", _NETWORK),
        (
            "softmax_cross_entropy",
            "layers:CrossEntropyExercise",
            "softmax and cross-entropy with their gradient",
            _NETWORK,
        ),
        ("Momentum", "optimizers:MomentumExercise", "gradient descent with momentum", _NETWORK),
        ("Adam", "optimizers:AdamExercise", "Adam", _NETWORK),
        ("Convolution", "convolutional:ConvolutionExercise", "the convolution", _CNN),
        ("MaxPooling", "convolutional:MaxPoolingExercise", "max pooling", _CNN),
        ("BatchNorm", "convolutional:BatchNormExercise", "batch normalisation", _CNN),
        ("Dropout", "convolutional:DropoutExercise", "dropout", _CNN),
        ("decode_rows", "detection:DecodeExercise", "reading the output tensor", _DETECT),
        ("box_iou", "detection:BoxIouExercise", "IoU of boxes", _DETECT),
        ("nms", "detection:NmsExercise", "non-maximum suppression", _DETECT),
        (
            "precision_recall",
            "ranking:PrecisionRecallExercise",
            "precision and recall along a ranking",
            _DETECT,
        ),
        ("average_precision", "ranking:AveragePrecisionExercise", "average precision", _DETECT),
        ("mask_iou", "segmentation:MaskIouExercise", "IoU of masks", _SEGMENT),
        ("dice", "segmentation:DiceExercise", "the Dice coefficient", _SEGMENT),
        ("dice_loss", "segmentation:DiceLossExercise", "the soft Dice loss", _SEGMENT),
        ("noise_distribution", "words:NoiseExercise", "the distribution of negatives", _WORDS),
        ("skipgram_step", "words:SkipgramExercise", "a step of skip-gram", _WORDS),
        ("analogy", "words:AnalogyExercise", "analogies by 3CosAdd", _ANALYSIS),
        ("procrustes", "words:ProcrustesExercise", "aligning two sets of vectors", _ANALYSIS),
        ("weat_effect", "words:WeatExercise", "WEAT's effect size", _ANALYSIS),
    ]
    return [Entry(name, f"{_CHECKS}.{target}", told, tasks) for name, target, told, tasks in rows]


@hookimpl
def register_notebooks() -> Iterable[Entry]:
    rows = [
        ("1", "numpy_network", "a neural network in NumPy, and how it learns", _NETWORK),
        ("2", "convolutional_networks", "convolutional networks, regularisation, tuning", _CNN),
        ("3", "object_detection", "from the output tensor to mAP", _DETECT),
        ("4", "segmentation", "U-Net, losses, IoU and Dice, an ablation", _SEGMENT),
        ("5", "word_vectors", "skip-gram with negative sampling", _WORDS),
        ("5_2", "analysis_of_embeddings", "what word vectors know", _ANALYSIS),
    ]
    return [Entry(name, f"{_PAGES}:{target}", told, tasks) for name, target, told, tasks in rows]

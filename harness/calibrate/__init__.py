"""The harness measured on systems whose truth is known: what it detects, which cause it names, and whom it accuses without reason.

An *experiment* is a run on the embedded stack with a behaviour, perhaps with a planted fault. A fault *took effect* on a scorecard
where the service says so, from what it did itself and without asking a store. An iteration is *accused* where its verdict is a
failure; it is *detected* where a fault took effect and it is accused, its cause *right* where the verdict and the class that the fault
stands for are told, and *falsely accused* where nothing took effect. Each experiment has *bounds*; the calibration fails where one is
missed.
"""

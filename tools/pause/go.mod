// Pins the pause container of the single node (make cluster-up): the process that holds a pod's network.
module botplane.dev/tools/pause

go 1.26.0

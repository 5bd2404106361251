// All rules read the same assemblies, and Cecil reads lazily: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

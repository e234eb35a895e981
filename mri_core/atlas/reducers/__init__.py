"""How a layer's standardised rows become a few dimensions: principal components, truncated SVD, UMAP."""

from __future__ import annotations

from mri_core.atlas.reducers.linear import Linear
from mri_core.atlas.reducers.protocol import Reducer
from mri_core.atlas.reducers.umap_reducer import Umap
from mri_core.registry import Registry

REDUCERS: Registry[Reducer] = Registry(
    "reducer", "reducers", {"pca": Linear(), "svd": Linear(about_zero=True), "umap": Umap()}
)

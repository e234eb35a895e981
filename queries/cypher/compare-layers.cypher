// title: Two studies, layer by layer
// group: across
// question: How do the layers of two studies compare: how widely do documents spread, how far do categories diverge?
// param: study     study        study to read
// param: other     study        study to compare it with
// param: limit     int = 1000   most rows to return
// returns: layer                    layer   index in the study, 0 is the embedding
// returns: other_layer              int     index of the layer of the other study at the same relative depth
// returns: regions                  int     regions with a document in them
// returns: other_regions            int     the same in the other study
// returns: effective_regions        float   effective number of regions: exp(entropy of the documents over the regions)
// returns: other_effective_regions  float   the same in the other study
// returns: divergence               float   bits, Jensen–Shannon divergence of the categories' distributions over the regions
// returns: other_divergence         float   the same in the other study
// returns: entropy                  float   bits, entropy of the categories in a region, mean over the documents
// returns: other_entropy            float   the same in the other study
//
// Layers are aligned by index where both studies have equally many, else by relative depth: the first with the first, the
// last with the last, those between with the nearest. The maximum of a divergence is log2 of the number of categories:
// compare studies with equally many. Few documents over many regions raise it by chance.
// There are no rows where one study is of components: its regions hold no documents (see components).
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready'})
UNWIND [{study: a, mine: true}, {study: b, mine: false}] AS side
WITH side.study AS s, side.mine AS mine, toFloat(side.study.categories) AS n,
     a.layers AS depth, b.layers AS other_depth
MATCH (s)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[e:ACTIVATED_BY]->(:Category)
WITH mine, depth, other_depth, n, l, r, sum(coalesce(e.tokens, e.documents)) AS inside, sum(e.share) AS total,
     sum(e.share * log(e.share)) AS surprise
WITH mine, depth, other_depth, n, l, count(r) AS regions, sum(inside) AS documents,
     sum(inside * log(inside)) AS crowding, sum(inside * r.entropy) AS mixing,
     sum(surprise) / n AS within, sum(total / n * log(total / n)) AS between
WITH mine, depth, other_depth, {layer: l.index, regions: regions,
     effective: exp(log(documents) - crowding / documents), entropy: mixing / documents,
     divergence: CASE WHEN within > between THEN (within - between) / log(2) ELSE 0.0 END} AS told
WITH depth, other_depth, collect(CASE WHEN mine THEN told END) AS ours,
     collect(CASE WHEN NOT mine THEN told END) AS theirs
UNWIND ours AS x
WITH x, theirs, toInteger((2.0 * x.layer * (other_depth - 1) + depth - 1) / (2 * depth - 2)) AS aligned
UNWIND theirs AS y
WITH x, y, aligned
WHERE y.layer = aligned
RETURN x.layer AS layer, y.layer AS other_layer, x.regions AS regions, y.regions AS other_regions,
       x.effective AS effective_regions, y.effective AS other_effective_regions,
       x.divergence AS divergence, y.divergence AS other_divergence,
       x.entropy AS entropy, y.entropy AS other_entropy
ORDER BY layer LIMIT $limit

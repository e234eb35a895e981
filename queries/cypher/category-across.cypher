// title: A category in two studies
// group: across
// question: How widely does a category spread in two studies, layer by layer, and which region holds most of it?
// param: study     study        study to read
// param: other     study        study to compare it with
// param: category  category     category to look at
// param: versus    category?    the category's name in the other study; without it, the same name
// param: limit     int = 1000   most rows to return
// returns: layer                    layer   index in the study, 0 is the embedding
// returns: effective_regions        float   effective number of regions: exp(entropy of its documents over the regions)
// returns: region                   region  region with most of its documents
// returns: share                    float   share of the category's documents that pass that region
// returns: keywords                 list    words of that region, most characteristic first
// returns: other_layer              int     index of the layer of the other study at the same relative depth
// returns: other_effective_regions  float   as effective_regions, in the other study
// returns: other_region             string  id of the region of the other study with most of its documents
// returns: other_share              float   share of the category's documents that pass that region
// returns: other_keywords           list    words of that region, most characteristic first
//
// Layers are aligned by index where both studies have equally many, else by relative depth: the first with the first, the
// last with the last, those between with the nearest. There are no rows where one of the studies does not have the
// category. Documents spread more widely in studies with more regions: compare with the numbers of regions in
// compare-layers.
// There are no rows where one study is of components: its regions hold no documents (see components).
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready'})
UNWIND [{study: a, mine: true, name: $category}, {study: b, mine: false, name: coalesce($versus, $category)}] AS side
WITH side.study AS s, side.mine AS mine, side.name AS name, a.layers AS depth, b.layers AS other_depth
MATCH (s)<-[:PART_OF]-(c:Category {name: name})<-[e:ACTIVATED_BY]-(r:Region)
WITH mine, depth, other_depth, r, e
ORDER BY coalesce(e.tokens, e.documents) DESC, r.id
WITH mine, depth, other_depth, r.layer AS layer, exp(-sum(e.share * log(e.share))) AS effective,
     collect(r)[0] AS top, max(e.share) AS share
WITH depth, other_depth, mine, {layer: layer, effective: effective, top: top, share: share} AS told
WITH depth, other_depth, collect(CASE WHEN mine THEN told END) AS ours,
     collect(CASE WHEN NOT mine THEN told END) AS theirs
UNWIND ours AS x
WITH x, theirs, toInteger((2.0 * x.layer * (other_depth - 1) + depth - 1) / (2 * depth - 2)) AS aligned
UNWIND theirs AS y
WITH x, y, x.top AS r, y.top AS t, aligned
WHERE y.layer = aligned
RETURN x.layer AS layer, x.effective AS effective_regions, r.id AS region, x.share AS share, r.keywords AS keywords,
       y.layer AS other_layer, y.effective AS other_effective_regions, t.id AS other_region, y.share AS other_share,
       t.keywords AS other_keywords
ORDER BY layer LIMIT $limit

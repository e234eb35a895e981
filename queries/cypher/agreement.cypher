// title: Agreement of two studies
// group: across
// question: Two models read the same documents: how far do the regions of their layers agree?
// only: documents compares the regions of the same documents
// param: study     study        study to read
// param: other     study        study of the same documents, to compare it with
// param: limit     int = 1000   most rows to return
// returns: layer          layer   index in the study, 0 is the embedding
// returns: other_layer    int     index of the layer of the other study at the same relative depth
// returns: regions        int     regions with a document in them
// returns: other_regions  int     the same in the other study
// returns: agreement      float   adjusted Rand index: 1 where the regions are the same, around 0 where they agree as random ones do
//
// Of all pairs of documents, how many both studies put into the same region, corrected for what random regions give
// (adjusted Rand index, Hubert & Arabie 1985). It does not depend on the names of regions. Documents are matched by their
// place in the corpus, so there are rows only where both studies read the same corpus (the same documents_hash). Layers are
// aligned by index where both studies have equally many, else by relative depth.
// There are no rows where one study is of components: its regions hold no documents (see components).
// There are no rows where the graph holds a sample of the documents of either (documents_stored): `mri match STUDY OTHER`
// compares all of them, from the files beside the store.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready', documents: a.documents})
WHERE coalesce(b.documents_hash, b.corpus_hash) = coalesce(a.documents_hash, a.corpus_hash)
  AND a.atlas <> 'components' AND b.atlas <> 'components'
  AND a.documents_stored IS NULL AND b.documents_stored IS NULL
MATCH (a)<-[:PART_OF]-(l:Layer)
WITH a, b, l, toInteger((2.0 * l.index * (b.layers - 1) + a.layers - 1) / (2 * a.layers - 2)) AS aligned
MATCH (b)<-[:PART_OF]-(m:Layer {index: aligned})
WITH a, l, m
ORDER BY l.index
WITH a, collect({ours: l, theirs: m}) AS pairs
CALL (pairs) {
  UNWIND pairs AS pair
  UNWIND [{at: pair.ours, mine: true}, {at: pair.theirs, mine: false}] AS side
  WITH pair.ours AS l, side.at AS at, side.mine AS mine
  MATCH (at)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document)
  WITH mine, l.index AS place, r, collect(d.ordinal) AS inside
  ORDER BY mine DESC, place
  UNWIND inside AS document
  WITH document, collect(r.id) AS way
  WITH document, way, toInteger(size(way) / 2.0) AS layers
  UNWIND range(0, layers - 1) AS i
  WITH i, way[i] AS region, way[layers + i] AS other, count(document) AS shared
  RETURN i, sum(shared * (shared - 1) / 2.0) AS together
}
WITH a, pairs[i].ours AS l, pairs[i].theirs AS m, together
CALL (l) {
  MATCH (l)<-[:IN_LAYER]-(r:Region)
  RETURN sum(r.documents * (r.documents - 1) / 2.0) AS ours
}
CALL (m) {
  MATCH (m)<-[:IN_LAYER]-(t:Region)
  RETURN sum(t.documents * (t.documents - 1) / 2.0) AS theirs
}
WITH l, m, together, (ours + theirs) / 2 AS most, ours * theirs * 2 / (a.documents * (a.documents - 1)) AS chance
RETURN l.index AS layer, m.index AS other_layer, l.regions AS regions, m.regions AS other_regions,
       CASE WHEN most = chance THEN 1.0 ELSE (together - chance) / (most - chance) END AS agreement
ORDER BY layer LIMIT $limit

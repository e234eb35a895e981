// title: Documents in other regions than in another study
// group: across
// question: Two studies read the same documents in one atlas: how many are in another region of the one than of the other, layer by layer?
// only: documents compares the regions of the same documents
// param: study     study        study to read
// param: other     study        study of the same documents in the same atlas
// param: category  category?    its documents only
// param: limit     int = 1000   most rows to return
// returns: layer      layer  index of the layer
// returns: documents  int    documents that were compared
// returns: moved      int    documents that are in another region of the other study
// returns: share      float  moved / documents
//
// There are rows only where both studies stand on one atlas (the same atlas_hash, as `mri ingest … --atlas-of` makes it)
// and read the same documents (the same documents_hash). `mri compare STUDY OTHER` sets the shares next to those of refits, of
// another precision and of sham runs, and tests what changed. A study of components has no rows: its regions hold no
// documents.
// Where the graph holds a sample of the documents of either (documents_stored), those are compared that both hold; `mri
// compare` takes all of them, from the files beside the store.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready', documents: a.documents, atlas_hash: a.atlas_hash})
WHERE coalesce(b.documents_hash, b.corpus_hash) = coalesce(a.documents_hash, a.corpus_hash)
MATCH (a)<-[:PART_OF]-(l:Layer)
MATCH (b)<-[:PART_OF]-(m:Layer {index: l.index})
UNWIND [l, m] AS at
MATCH (at)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document)
WHERE $category IS NULL OR d.category = $category
WITH l.index AS layer, d.ordinal AS ordinal, collect(r.name) AS names
WHERE size(names) = 2
WITH layer, count(ordinal) AS documents, sum(CASE WHEN names[0] <> names[1] THEN 1 ELSE 0 END) AS moved
RETURN layer, documents, moved, toFloat(moved) / documents AS share
ORDER BY layer LIMIT $limit

// title: Hubs
// group: regions
// question: Through which regions do most documents go, and from and to how many regions?
// param: study     study      study to read
// param: layer     layer?     regions of this layer only
// param: category  category?  documents of this category only
// param: by        string(strength|in|out) = "strength"  order by strength, documents_in or documents_out
// param: limit     int = 20   most rows to return
// returns: region          region  id of the region
// returns: layer           layer   index of its layer
// returns: keywords        list    words over-represented in its documents, most characteristic first
// returns: strength        int     documents in + documents out
// of-documents: documents_in    int     documents that arrive from the layer before; 0 in the first layer
// of-documents: documents_out   int     documents that leave to the layer after; 0 in the last layer
// of-tokens: tokens_in    int     tokens that arrive from the layer before; 0 in the first layer
// of-tokens: tokens_out   int     tokens that leave to the layer after; 0 in the last layer
// returns: connections_in  int     regions that they arrive from
// returns: connections_out int     regions that they leave for
//
// The first and the last layer have connections on one side only: select them by layer.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
OPTIONAL MATCH (s:Region)-[i:FLOWS_TO]->(r)
WHERE $category IS NULL OR i.category = $category
WITH r, coalesce(sum(i.weight), 0) AS documents_in, count(DISTINCT s) AS connections_in
OPTIONAL MATCH (r)-[o:FLOWS_TO]->(t:Region)
WHERE $category IS NULL OR o.category = $category
WITH r, documents_in, connections_in, coalesce(sum(o.weight), 0) AS documents_out, count(DISTINCT t) AS connections_out
WHERE documents_in + documents_out > 0
RETURN r.id AS region, r.layer AS layer, r.keywords AS keywords, documents_in + documents_out AS strength,
       documents_in, documents_out, documents_in AS tokens_in, documents_out AS tokens_out, connections_in, connections_out
ORDER BY CASE $by WHEN 'in' THEN documents_in WHEN 'out' THEN documents_out ELSE documents_in + documents_out END DESC,
         strength DESC, connections_in + connections_out DESC, layer, region LIMIT $limit

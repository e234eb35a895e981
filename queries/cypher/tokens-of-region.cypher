// title: Tokens of a region
// group: regions
// question: Which tokens are over-represented in this region, and what do the most typical ones look like in their texts?
// only: tokens asks for the tokens in a region
// instead: documents-of-region
// param: study   study     study to read
// param: region  region    region that they are in
// param: limit   int = 50  most rows to return
// returns: what      string     token: one that is over-represented; exemplar: one near the centre
// returns: place     int        rank among these, 1 is the most characteristic
// returns: text      string     the token; of an exemplar the text around it, which itself stands between « and »
// returns: document  document?  id of the text of an exemplar
// returns: category  category?  category of that text; null where its tokens have categories of their own
// returns: title     string?    title of that text
//
// A token is over-represented against all tokens of the layer. How many tokens of each category are in the region,
// region-profile says; which texts have most of them there, documents-of-region.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region {llm_mri: true, id: $region})
UNWIND [i IN range(1, size(r.keywords)) | {what: 'token', place: i, text: r.keywords[i - 1], document: ''}]
     + [i IN range(1, size(coalesce(r.contexts, []))) | {what: 'exemplar', place: i, text: r.contexts[i - 1],
        document: $study + '/D' + toString(r.exemplars[i - 1])}] AS row
OPTIONAL MATCH (d:Document {llm_mri: true, id: row.document})
RETURN row.what AS what, row.place AS place, row.text AS text, d.id AS document, d.category AS category,
       d.title AS title
ORDER BY CASE row.what WHEN 'token' THEN 0 ELSE 1 END, row.place LIMIT $limit

// title: Names and notes
// group: regions
// question: Which regions have a name or a note that a reader gave them?
// param: study     study        study to read
// param: limit     int = 1000   most rows to return
// returns: region       region   id of the region
// returns: layer        layer    index of its layer
// returns: reader_name  string?  its name; empty if it has a note alone
// returns: reader_note  string?  the note on it
// returns: changed_at   string   when either was changed last, UTC
// returns: documents    int?     documents that pass it
// of-tokens: tokens    int?     tokens in it
// returns: keywords     list     words over-represented in its documents, most characteristic first
//
// Names and notes are what readers say, apart from what was computed: mri name STUDY REGION NAME.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(a:Annotation)-[:ANNOTATES]->(r:Region)
RETURN r.id AS region, r.layer AS layer, a.name AS reader_name, a.note AS reader_note, a.changed_at AS changed_at,
       r.documents AS documents, r.tokens AS tokens, r.keywords AS keywords
ORDER BY layer, region LIMIT $limit

// title: Provenance of a study
// group: study
// question: What is needed to reproduce this study?
// param: study     study   study to read
// returns: fact        string   property of the study
// returns: value       string?  its value
// returns: parameters  object?  in the row of the parameters: the options of the scan
//
// Properties that a study does not have, such as the resolution of clusters, are left out. Values that a terminal truncates
// are complete in CSV and JSON. The same corpus_hash, model_revision and parameters give the same study on any machine.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})
WITH [['study', study.id], ['name', study.name], ['model', study.model], ['model_revision', study.model_revision],
      ['corpus', study.corpus], ['corpus_hash', study.corpus_hash], ['site', study.site],
      ['pooling', study.pooling], ['atlas', study.atlas], ['reducer', study.reducer],
      ['resolution', toString(study.resolution)], ['seed', toString(study.seed)], ['software', study.software],
      ['schema_version', toString(study.schema_version)], ['created_at', study.created_at],
      ['parameters', study.parameters]] AS facts
UNWIND range(0, size(facts) - 1) AS i
WITH facts[i][0] AS fact, facts[i][1] AS known, i
WHERE known IS NOT NULL
RETURN fact, CASE WHEN fact <> 'parameters' THEN known END AS value,
       CASE WHEN fact = 'parameters' THEN known END AS parameters
ORDER BY i

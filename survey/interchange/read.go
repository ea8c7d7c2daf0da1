package interchange

import "attune/survey"

// Read makes a pack file of whatever bytes are: an XLSForm workbook or a FHIR
// Questionnaire. For anything else, such as a pack file itself, it gives an
// Imported without YAML. Faults are those of ReadXLSForm.
func Read(raw []byte, d Defaults) (Imported, []survey.Fault, error) {
	switch {
	case IsWorkbook(raw):
		return ReadXLSForm(raw, d)
	case IsJSON(raw):
		imported, err := ReadFHIR(raw, d)
		return imported, nil, err
	}
	return Imported{}, nil, nil
}

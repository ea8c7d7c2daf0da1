// Package interchange turns packs into the file formats of others and back:
// FHIR R4 Questionnaire, both ways, and XLSForm workbooks, in. It reads and
// writes bytes; what it makes of a foreign file is a pack file, which then
// goes through the same check as every other (survey.ReadPack).
package interchange

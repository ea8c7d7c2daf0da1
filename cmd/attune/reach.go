package main

import (
	"context"

	"attune/survey"
)

// onlyByText counts the active people whom nothing but a text message reaches;
// of a wave, those whom it asks with personal links.
func (in *installation) onlyByText(ctx context.Context, of survey.WaveID) (int, error) {
	people, err := in.store.People(ctx)
	if err != nil {
		return 0, err
	}
	asked := make(map[survey.PersonID]bool)
	if of != "" {
		all, err := in.waves.Asked(ctx, of)
		if err != nil {
			return 0, err
		}
		for _, one := range all {
			asked[one.Person] = one.Way == survey.Electronic
		}
	}
	n := 0
	for _, p := range people {
		if p.Active && p.Reach() == survey.ByText && (of == "" || asked[p.ID]) {
			n++
		}
	}
	return n, nil
}

// tellOfTexts says what happens to people whom nothing but a text message
// reaches while no gateway is set.
func (a *app) tellOfTexts(people int) {
	if people == 0 || a.env.messaging.sms != nil {
		return
	}
	a.printf("%d people can be reached by text message only, and no gateway is set up: ATTUNE_SMS_URL is empty. Their messages wait until it is, as long as they are true; or print their links with attune links print --without-email.\n", people)
}

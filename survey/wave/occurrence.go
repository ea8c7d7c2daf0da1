package wave

import (
	"context"

	"attune/survey"
)

// PlanOccurrence plans the wave of a programme's occurrence on date
// (YYYY-MM-DD), like Plan, but once however many processes try, and only when
// it could be announced as things are now. It fails with
// error.programme.taken when the date was decided already.
func (w *Waves) PlanOccurrence(ctx context.Context, r Request, date string) (survey.Wave, error) {
	wave, err := w.announceable(ctx, r)
	if err != nil {
		return survey.Wave{}, err
	}
	return wave, w.cfg.Store.CreateOccurrence(ctx, wave, date)
}

// CheckOccurrence says what PlanOccurrence would refuse, and stores nothing.
func (w *Waves) CheckOccurrence(ctx context.Context, r Request) error {
	_, err := w.announceable(ctx, r)
	return err
}

// announceable drafts a wave and holds it to the gates of its announcement,
// so that no wave stays behind that can go no further.
func (w *Waves) announceable(ctx context.Context, r Request) (survey.Wave, error) {
	wave, on, err := w.drafted(ctx, r)
	if err != nil {
		return survey.Wave{}, err
	}
	if err := survey.FirstFault(w.hindrances(on, wave)); err != nil {
		return survey.Wave{}, err
	}
	org, err := survey.Resolve(on.tree.Units(), on.people)
	if err != nil {
		return survey.Wave{}, err
	}
	_, err = survey.FormGroups(org, wave.Scope, wave.K, func(survey.UnitID) bool { return false })
	return wave, err
}

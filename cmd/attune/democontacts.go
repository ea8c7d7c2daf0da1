package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"attune/survey"
)

// demoContacts is whom the made-up staff can turn to. Every name says that it
// is made up, and numbers from 555 0100 on belong to nobody.
const demoContacts = `site,tier,language,name,reach,hours,what_happens
,today,en,"Sam Example, staff support (made up)","room 1.04, 555 0100",weekdays 9 to 17,Sam listens for as long as you need and writes nothing down.
,today,fr,"Sam Exemple, soutien au personnel (fictif)","bureau 1.04, 555 0110","en semaine, 9–17 h","Sam écoute aussi longtemps qu’il le faut et n’écrit rien."
,today,es,"Sam Ejemplo, apoyo al personal (inventado)","despacho 1.04, 555 0120","de lunes a viernes, 9–17 h","Sam escucha todo el tiempo que haga falta y no escribe nada."
,week,en,"Occupational health (made up)",555 0102,weekdays 8 to 16,You get an appointment within five days. Your manager is not told.
,week,fr,"Santé au travail (fictif)",555 0112,"en semaine, 8–16 h",Vous obtenez un rendez-vous sous cinq jours. Votre responsable n’en sait rien.
,week,es,"Salud laboral (inventado)",555 0122,"de lunes a viernes, 8–16 h",Tendrá una cita en cinco días. A su responsable no se le dice nada.
,any,en,"Quiet rooms (made up)","rooms 0.10, 2.10 and 3.10",always open,Nobody asks why you are there.
,any,fr,"Salles de calme (fictif)","salles 0.10, 2.10 et 3.10",toujours ouvertes,Personne ne demande pourquoi vous y êtes.
,any,es,"Salas tranquilas (inventado)","salas 0.10, 2.10 y 3.10",siempre abiertas,Nadie pregunta por qué está ahí.
Children and Families,today,en,"Jo Placeholder, peer supporter (made up)","room 2.11, 555 0103",weekdays 8 to 18,Jo knows the work. You can meet away from the building.
Children and Families,today,fr,"Camille Fictif, pair-aidant (fictif)","bureau 2.12, 555 0113","en semaine, 8–18 h",Camille connaît le métier. Vous pouvez vous voir hors du bâtiment.
Children and Families,today,es,"Alex Inventado, apoyo entre iguales (inventado)","despacho 2.13, 555 0123","de lunes a viernes, 8–18 h",Alex conoce el trabajo. Pueden verse fuera del edificio.
Hospital and Crisis,today,en,"Night desk for staff (made up)",555 0104,every day 18 to 8,Somebody from another ward answers at once and can take over for half an hour.
Hospital and Crisis,today,fr,"Permanence de nuit du personnel (fictif)",555 0114,"chaque jour, 18–8 h",Quelqu’un d’un autre service répond aussitôt et peut vous relayer une demi-heure.
Hospital and Crisis,today,es,"Guardia nocturna para el personal (inventado)",555 0124,"cada día, 18–8 h",Alguien de otra planta contesta enseguida y puede relevarle media hora.
`

// importDemoContacts makes the demo's contacts those above.
func importDemoContacts(ctx context.Context, in *installation) error {
	tree, err := in.tree(ctx)
	if err != nil {
		return err
	}
	contacts, faults, err := survey.ParseContacts(strings.NewReader(demoContacts), tree)
	if err != nil || len(faults) > 0 {
		return errors.Join(fmt.Errorf("%d faults in the demo's contacts", len(faults)), err)
	}
	return in.store.ReplaceContacts(ctx, contacts)
}

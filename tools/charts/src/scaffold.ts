import type { GeneratedFile } from './generate.ts';

/** A service that is to get a chart. */
export interface NewService {
  /** Lower-case letters, digits and `-`; the image and the labels bear it. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
}

/** Files of the project that a new chart is entered in. */
export interface EnteredIn {
  /** charts/botplane/Chart.yaml */
  readonly umbrella: string;
  /** tools/charts/src/values/services.ts */
  readonly services: string;
}

const NAME = /^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$/;

/** Every file of a new service's chart that people write, and the two that name it. Throws when the name cannot be used. */
export function scaffold({ name, description }: NewService, { umbrella, services }: EnteredIn): GeneratedFile[] {
  if (!NAME.test(name)) throw new Error(`name: "${name}" must be lower-case letters, digits and "-", at most 32, e.g. billing`);
  if (description === '') throw new Error('description: say in one sentence what the service does');
  if (umbrella.includes(`{name: ${name},`)) throw new Error(`name: charts/botplane has a chart ${name} already`);
  const folder = `charts/botplane/charts/${name}`;
  return [
    { path: `${folder}/Chart.yaml`, text: chartYaml(name, description) },
    { path: `${folder}/templates/_definition.tpl`, text: definition(name) },
    { path: `${folder}/templates/service.yaml`, text: `{{- include "common.service" (dict "root" . "def" (include "${name}.definition" . | fromYaml)) }}\n` },
    { path: 'charts/botplane/Chart.yaml', text: `${umbrella.trimEnd()}\n  - {name: ${name}, version: 0.1.0, condition: ${name}.enabled}\n` },
    { path: 'tools/charts/src/values/services.ts', text: services.replace(/\];\n$/, `${valuesEntry(name, description)}];\n`) },
  ];
}

const chartYaml = (name: string, description: string): string => `apiVersion: v2
name: ${name}
description: ${JSON.stringify(description)}
type: application
version: 0.1.0
appVersion: "0.1.0"
kubeVersion: ">=1.32.0-0"
dependencies:
  - {name: common, version: 0.1.0, repository: "file://../common"}
`;

const definition = (name: string): string => `{{- define "${name}.definition" -}}
name: ${name}
# Called by name: it gets a Service.
service: true
needs: {nats: true}
network:
  to: [nats]
{{- end }}
`;

const valuesEntry = (name: string, description: string): string => `  {
    name: '${name}',
    description: ${JSON.stringify(description).replaceAll("'", "\\'").replace(/^"|"$/g, "'").replaceAll('\\"', '"')},
    resources: { cpu: '100m', memory: '192Mi', memoryMax: '512Mi' },
    preStopSeconds: 5,
    replicasMax: 50,
  },
`;

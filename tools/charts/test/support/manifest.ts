/** A Kubernetes object as it is rendered; the tests look at parts of many kinds. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly rules?: any[];
}

/** Kind and name, as kubectl prints them. */
export const idOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`${kind}/${name} is not rendered; there are: ${manifests.map(idOf).join(', ')}`);
  return found;
}

export const ofKind = (manifests: readonly Manifest[], ...kinds: string[]): Manifest[] => manifests.filter(({ kind }) => kinds.includes(kind));

/** A pod as it would be made of a template, or as it is. */
export interface PodTemplate {
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly spec: any;
}

/** The pods of everything that makes some. */
export function podTemplates(manifests: readonly Manifest[]): PodTemplate[] {
  return manifests.flatMap((manifest) => {
    if (manifest.kind === 'Pod') return [{ owner: idOf(manifest), labels: manifest.metadata.labels ?? {}, spec: manifest.spec }];
    const template = manifest.kind === 'CronJob' ? manifest.spec.jobTemplate.spec.template : manifest.spec?.template;
    return ['Deployment', 'StatefulSet', 'Job', 'CronJob'].includes(manifest.kind) ? [{ owner: idOf(manifest), labels: template.metadata.labels, spec: template.spec }] : [];
  });
}

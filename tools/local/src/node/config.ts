import { z } from 'zod';

const imageTable = z.record(
  z.string(),
  z.strictObject({
    /** Program that an image of this name stands for. */
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
  }),
);

const schema = z.object({
  KUBECONFIG: z.string().min(1),
  NODE_NAME: z.string().min(1).default('local'),
  /** The node's loopback address, e.g. 127.1.0.1; pods get addresses of the same /16. */
  NODE_ADDRESS: z.string().regex(/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/, 'must be a loopback address'),
  /** Volumes and logs of pods, and the records of their processes. */
  STATE_FOLDER: z.string().min(1),
  /** JSON: image name to `{command, args?, env?}`. */
  IMAGES: z.preprocess((text) => parseJson(text), imageTable),
  /** Signs the certificate of the kubelet API and is what kube-apiserver's client certificate must be signed by. */
  CA_CERT_FILE: z.string().min(1),
  CA_KEY_FILE: z.string().min(1),
  HOST: z.string().default('127.0.0.1'),
  /** HTTP port of /healthz and /readyz. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
});

export type NodeConfig = Readonly<z.output<typeof schema>>;
/** What a pod's image name leads to. */
export type ImageTable = Readonly<z.output<typeof imageTable>>;

/** Reads the environment; a bad one prints all problems and ends the process with 1. */
export function loadConfig(env: NodeJS.ProcessEnv): NodeConfig {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  for (const issue of result.error.issues) console.error(`${issue.path.join('.')}: ${issue.message}`);
  process.exit(1);
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}

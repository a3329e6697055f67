/** Where Kubernetes tells each container how its API server is reached; read anew each time. */
export const clusterEnv = (): { KUBERNETES_SERVICE_HOST?: string | undefined; KUBERNETES_SERVICE_PORT?: string | undefined } => {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;
  return { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT };
};

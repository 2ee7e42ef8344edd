/** Kubernetes names of a component's objects; every name derives from the component's. */
export interface ObjectNames {
  deployment: string;
  service: string;
  route: string;
  serviceAccount: string;
  /** Role and RoleBinding. */
  sccGrant: string;
  claim: string;
  tokenSecret: string;
  apiKeySecret: string;
  downloaderConfigMap: string;
  publishedConfigMap: string;
  chatTemplateConfigMap: string;
}

/** Container names; they do not depend on the component's. */
export const downloaderContainer = "model-downloader";
export const serverContainer = "server";
/** On which the server listens. */
export const serverPort = 8000;

/** Key of the token in its Secret. */
export const tokenKey = "token";
/** Key of the API key in its Secret. */
export const apiKeyKey = "api-key";

export function names(component: string): ObjectNames {
  return {
    deployment: component,
    service: component,
    route: component,
    serviceAccount: `${component}-sa`,
    sccGrant: `${component}-anyuid`,
    claim: `${component}-models-cache`,
    tokenSecret: `${component}-hf-token`,
    apiKeySecret: `${component}-api-key`,
    downloaderConfigMap: `${component}-downloader`,
    publishedConfigMap: `${component}-published`,
    chatTemplateConfigMap: `${component}-chat-template`,
  };
}

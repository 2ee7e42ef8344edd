import { atLeast } from "../components/args/numbers";
import { computeProblems, namespaceProblems, objectNameProblems, routePathProblems } from "../components/args/rules";
import { routeTimeoutProblems } from "../components/args/routeTimeout";
import { type Problem, problem } from "../components/text/errors";
import * as kubernetes from "../components/text/syntax";
import { refusedVersions } from "./data/refusedVersions";
import type { Settings } from "./settings";

/** Every mistake in the settings that can be seen without reading an inference stack. */
export function validate(settings: Settings): Problem[] {
  const problems = [...modelProblems(settings), ...atLeast("gateTimeoutSeconds", settings.gateTimeoutSeconds, 1)];
  if (settings.mode === "deploy") problems.push(...deployProblems(settings));
  if (settings.mode === "register") problems.push(...registerProblems(settings));
  return problems;
}

function modelProblems({ models, mode, egressCidrs }: Settings): Problem[] {
  const problems: Problem[] = [];
  if (models.length === 0) {
    const remedy =
      "set it with `pulumi config set --path models[0].stack organization/vllm-inference/<stack>` (`pulumi stack ls --all` lists them)";
    problems.push(problem("models", undefined, "name at least one inference stack", remedy));
  }
  if (mode === "direct" && models.length > 1) {
    const rule = "be one model while 'mode' is direct, because nothing stands in front of it";
    problems.push(
      problem(
        "models",
        models.map(({ stack, model }) => (model === undefined ? stack : `${stack} ${model}`)).join(", "),
        rule,
        "set mode to deploy",
      ),
    );
  }
  for (const [index, { stack, gateUrl, endpoint }] of models.entries()) {
    const path = `models[${index}]`;
    if (!/^[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(stack)) {
      const remedy =
        "set it as `pulumi stack ls --all` shows it; the organization of a self-managed backend is 'organization'";
      problems.push(problem(`${path}.stack`, stack, "be <organization>/<project>/<stack>", remedy));
    }
    if (gateUrl !== undefined) {
      const remedy = "set one such as http://127.0.0.1:8000, or leave it out";
      problems.push(...urlProblems(`${path}.gateUrl`, gateUrl, "be an http or https URL without /v1", remedy));
    }
    if (mode === "deploy" && endpoint === "route" && egressCidrs.length === 0) {
      const rule =
        "be internal unless 'egressCidrs' names the router's addresses, because the NetworkPolicy lets nothing else out";
      problems.push(problem(`${path}.endpoint`, endpoint, rule, "set egressCidrs to a list such as [203.0.113.7/32]"));
    }
  }
  return problems;
}

function deployProblems(settings: Settings): Problem[] {
  const problems = [...imageProblems(settings), ...atLeast("replicas", settings.replicas, 1)];
  problems.push(
    ...atLeast("masterKeyRotation", settings.masterKeyRotation, 0),
    ...objectNameProblems("imagePullSecret", settings.imagePullSecret),
    ...computeProblems("resources", settings.resources),
  );
  if (settings.routeEnabled)
    problems.push(
      ...routePathProblems(settings.routePath, "LiteLLM's admin pages and most of its admin API lie outside it"),
    );
  if (settings.kubeContext === undefined) {
    const remedy = "set it with `pulumi config set kubeContext <context>` (`oc config get-contexts` lists them)";
    problems.push(problem("kubeContext", undefined, "be set, because the current context is never used", remedy));
  }
  problems.push(...namespaceProblems(settings.namespace, "vllm-gateway"));
  if (
    settings.routeHost !== undefined &&
    !(kubernetes.isDnsName(settings.routeHost) && settings.routeHost.includes("."))
  ) {
    const remedy = "set a host such as litellm.apps.example.com, or leave it empty";
    problems.push(problem("routeHost", settings.routeHost, "be a DNS name, without scheme, port or path", remedy));
  }
  problems.push(...routeTimeoutProblems(settings.routeTimeout));
  for (const cidr of settings.egressCidrs.filter((each) => !kubernetes.isAddressRange(each))) {
    problems.push(problem("egressCidrs", cidr, "be an address range", "set one such as 203.0.113.7/32"));
  }
  return problems;
}

/** A version that is known, because some must not run; and a digest where the stack wants one. */
function imageProblems({ image, requireImageDigest }: Settings): Problem[] {
  const { tag, digest } = kubernetes.parseImage(image) ?? {};
  const version = /^(?:main-)?v?(\d+\.\d+\.\d+)(?:-(?:stable|nightly|rc)[.\d]*|-rc\.\d+)?$/.exec(tag ?? "")?.[1];
  if (version === undefined) {
    const rule = "name an exact version as its tag, because some versions must not run";
    const remedy = "set repository:v<major>.<minor>.<patch>, and a digest after it if you have one (@sha256:…)";
    return [problem("image", image, rule, remedy)];
  }
  if (refusedVersions.includes(version)) {
    const rule = `not be LiteLLM ${refusedVersions.join(", ")}, which were reported to carry malicious code`;
    return [problem("image", image, rule, "set another version")];
  }
  if (!requireImageDigest || digest !== undefined) return [];
  const rule = "name a digest while 'requireImageDigest' is true, because a tag can move";
  return [
    problem("image", image, rule, `set it to ${image}@sha256:<digest>; \`skopeo inspect docker://${image}\` tells it`),
  ];
}

function registerProblems({ litellmUrl, litellmAdminKey }: Settings): Problem[] {
  const urlRemedy = "set it with `pulumi config set litellmUrl https://litellm.example.com`";
  const problems = urlProblems(
    "litellmUrl",
    litellmUrl,
    "be the http or https URL of a LiteLLM with a database",
    urlRemedy,
  );
  if (litellmAdminKey === undefined) {
    const remedy = "set it with `pulumi config set --secret litellmAdminKey`";
    problems.push(problem("litellmAdminKey", undefined, "be set while 'mode' is register", remedy));
  }
  return problems;
}

/** An undefined URL is missing. One that may hold a password is not shown. */
function urlProblems(field: string, url: string | undefined, rule: string, remedy: string): Problem[] {
  if (url !== undefined && kubernetes.mayHoldPassword(url)) {
    const noPassword = "hold no user name or password, because no request can carry them there";
    return [problem(field, undefined, noPassword, "set the URL without them")];
  }
  return url !== undefined && kubernetes.isHttpUrl(url) ? [] : [problem(field, url, rule, remedy)];
}

import { type Symptom, setting } from "./symptom";

/** What goes wrong with the Route. */
export const routeSymptoms: readonly Symptom[] = [
  {
    id: "route-host-claimed",
    title: "the Route's host belongs to another Route",
    sees: "Route rejected: HostAlreadyClaimed",
    area: "route",
    reasons: ["HostAlreadyClaimed"],
    patterns: [/already (exposes|claim)/i],
    remedy: "set another `routeHost`, leave it unset for a generated one, or delete the Route that holds it",
    command: setting("routeHost", "<host>"),
    program: "lets the cluster generate the host by default",
    doom: "at-once",
    example: "route vllm already exposes vllm.example.com and is older",
  },
  {
    id: "route-not-admitted",
    title: "no router has taken up the Route",
    sees: "Route without status",
    area: "route",
    patterns: [/no router has answered/],
    remedy: "check that an ingress controller selects this namespace's Routes, or set `routeEnabled` to false",
    command: "kubectl describe route {route} -n {namespace}",
    program: "has a limit for it, `routeAdmissionTimeoutSeconds`",
    doom: "never",
    example: "no router has answered",
  },
  {
    id: "route-rejected",
    title: "the router rejects the Route",
    sees: "Route rejected: Admitted is False",
    area: "route",
    patterns: [],
    remedy: "see the router's message; `routeHost` must be one that this cluster's router serves",
    command: "kubectl describe route {route} -n {namespace}",
    program: "shows the router's message",
    doom: "at-once",
  },
];

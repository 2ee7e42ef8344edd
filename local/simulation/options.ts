/** What the control plane must be started with for the simulation to work on it. */
export function kwokctlOptions(): string[] {
  return [
    // The rules that stamp pods and generate Route hosts: beta in Kubernetes 1.34, so off unless asked for.
    "--kube-feature-gates=MutatingAdmissionPolicy=true",
    "--kube-runtime-config=admissionregistration.k8s.io/v1beta1=true",
    // By itself the API server asks for the machine's default route, and ends where there is none: no network at all. Nothing ever goes to
    // this address, which is reserved for documentation (RFC 5737); a loopback one is refused.
    "--extra-args=kube-apiserver=advertise-address=192.0.2.1",
    // Stages as objects of the cluster. It also switches KWOK's built-in Stages off.
    "--enable-crds=Stage",
    // Without Leases: KWOK would wait for those of its last run to expire, over 3 minutes, before it plays a Stage after a restart.
    "--node-lease-duration-seconds=0",
    // Nor need there be an election among one: after a restart it would take until the last run's Lease expires.
    "--extra-args=kube-scheduler=leader-elect=false",
    "--extra-args=kube-controller-manager=leader-elect=false",
  ];
}

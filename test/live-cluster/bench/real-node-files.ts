/** What is on a real node beside its programs: how its kubelet and its containerd are started, and with what. */

/** containerd as Debian ships it, but for what a container of systemd-nspawn may not. */
export const CONTAINERD = {
  config: `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:test"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`,
  // The images are there before anybody asks for one.
  unit: `[Service]
EnvironmentFile=/etc/kubernetes/node.env
ExecStartPre=/usr/local/sbin/node-prepare
ExecStart=/usr/bin/containerd
ExecStartPost=/bin/sh -c 'test -e /var/lib/node-image.done || { ctr -n k8s.io images import --snapshotter native /var/lib/node-image.tar && touch /var/lib/node-image.done; }'
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
`,
} as const;

export const KUBELET = `[Unit]
After=containerd.service apiserver-wire.socket
Requires=containerd.service
[Service]
EnvironmentFile=/etc/kubernetes/node.env
ExecStart=/usr/local/bin/kubelet --config=/etc/kubernetes/kubelet.json --kubeconfig=/etc/kubernetes/kubeconfig --hostname-override=\${NODE_NAME} --cloud-provider=external --root-dir=/var/lib/kubelet
Restart=always
RestartSec=1
KillMode=process
[Install]
WantedBy=multi-user.target
`;

export const kubeletConfig = (cgroup: string, port: number) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: '127.0.0.1',
  port,
  readOnlyPort: 0,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  failCgroupV1: false,
  // Only the other end of the socket speaks to it.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  failSwapOn: false,
  makeIPTablesUtilChains: false,
  oomScoreAdj: 0,
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
  nodeStatusUpdateFrequency: '2s',
  nodeStatusReportFrequency: '10s',
  // What a pod mounts follows within this time.
  syncFrequency: '10s',
});

/** systemd-nspawn leaves the cgroups and the kernel's settings read-only; the kubelet wants to write both. */
export const PREPARE = `#!/bin/sh
set -e
for folder in /sys/fs/cgroup/*; do
  ! mountpoint -q "$folder" || mount -o remount,bind,rw "$folder"
  ! [ -e "$folder/cgroup.procs" ] || mkdir -p "$folder$NODE_CGROUP"
done
for file in cpus mems; do
  cat "/sys/fs/cgroup/cpuset/cpuset.$file" >"/sys/fs/cgroup/cpuset$NODE_CGROUP/cpuset.$file"
done
# The kernel is shared with this machine: files of the node's own take the place, with the values that are asked for.
stand_in() {
  mkdir -p "/run/stand-in/\${1%/*}"
  echo "$2" >"/run/stand-in/$1"
  mountpoint -q "/proc/sys/$1" || mount --bind "/run/stand-in/$1" "/proc/sys/$1"
}
stand_in vm/overcommit_memory 1
stand_in vm/panic_on_oom 0
stand_in kernel/panic 10
stand_in kernel/panic_on_oops 1
stand_in kernel/keys/root_maxkeys 1000000
stand_in kernel/keys/root_maxbytes 25000000
`;

/** Pods here are in the node's network: a plug-in is asked for none, but a node without one is not Ready. */
export const NETWORK = '{"cniVersion":"0.4.0","name":"none","plugins":[{"type":"none"}]}';
export const PLUG_IN = `#!/bin/sh
[ "$CNI_COMMAND" != VERSION ] || echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'
`;

/** The node's halves of the ways to the API server and to the kubelet. */
export const proxyUnits = (apiserver: string, kubeletPort: number): readonly (readonly [string, string])[] =>
  (
    [
      ['apiserver-wire', apiserver, '/wire/apiserver'],
      ['kubelet-wire', '/wire/kubelet', `127.0.0.1:${kubeletPort}`],
    ] as const
  ).flatMap(([name, from, to]) => [
    [`etc/systemd/system/${name}.socket`, `[Socket]\nListenStream=${from}\n[Install]\nWantedBy=sockets.target\n`],
    [`etc/systemd/system/${name}.service`, `[Service]\nExecStart=/lib/systemd/systemd-socket-proxyd ${to}\n`],
  ]);

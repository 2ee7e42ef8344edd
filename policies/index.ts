/** Every policy of the pack, in the order of the documentation. A new one is a file of its own and a line here. */
import type { PackPolicy } from "./lib/policy";
import { allowSlowStart } from "./resource/allowSlowStart";
import { forbidHostAccess } from "./resource/forbidHostAccess";
import { forbidPlaintextSecrets } from "./resource/forbidPlaintextSecrets";
import { justifyRemoteCode } from "./resource/justifyRemoteCode";
import { matchGpuLimit } from "./resource/matchGpuLimit";
import { matchToolParser } from "./resource/matchToolParser";
import { pinImageTag } from "./resource/pinImageTag";
import { requireContextForAliases } from "./resource/requireContextForAliases";
import { requireHfHubOnline } from "./resource/requireHfHubOnline";
import { requireImageDigest } from "./resource/requireImageDigest";
import { requireReadinessOnHealth } from "./resource/requireReadinessOnHealth";
import { requireRecreate } from "./resource/requireRecreate";
import { requireRhaiisImage } from "./resource/requireRhaiisImage";
import { requireServedModelName } from "./resource/requireServedModelName";
import { requireServiceAccountForRoot } from "./resource/requireServiceAccountForRoot";
import { requireServiceLinksDisabled } from "./resource/requireServiceLinksDisabled";
import { requireSharedMemory } from "./resource/requireSharedMemory";
import { validConfiguration } from "./resource/validConfiguration";
import { validWaivers } from "./resource/validWaivers";
import { connectRouteToServer } from "./stack/connectRouteToServer";
import { listWaivers } from "./stack/listWaivers";
import { oneReplicaPerClaim } from "./stack/oneReplicaPerClaim";
import { protectClaims } from "./stack/protectClaims";
import { requireAnyuidForRoot } from "./stack/requireAnyuidForRoot";
import { requireApiKeyBehindRoute } from "./stack/requireApiKeyBehindRoute";
import { requireKnownSecrets } from "./stack/requireKnownSecrets";
import { requireRoomForWeights } from "./stack/requireRoomForWeights";
import { requireRouteTimeout } from "./stack/requireRouteTimeout";
import { requireRouteTls } from "./stack/requireRouteTls";

export const policies: readonly PackPolicy[] = [
  requireRecreate,
  requireServiceLinksDisabled,
  requireHfHubOnline,
  requireRhaiisImage,
  pinImageTag,
  requireImageDigest,
  requireServedModelName,
  matchToolParser,
  allowSlowStart,
  requireReadinessOnHealth,
  matchGpuLimit,
  requireSharedMemory,
  forbidPlaintextSecrets,
  justifyRemoteCode,
  requireServiceAccountForRoot,
  forbidHostAccess,
  requireRouteTls,
  requireRouteTimeout,
  requireContextForAliases,
  validWaivers,
  validConfiguration,
  oneReplicaPerClaim,
  connectRouteToServer,
  requireApiKeyBehindRoute,
  requireRoomForWeights,
  requireKnownSecrets,
  requireAnyuidForRoot,
  protectClaims,
  listWaivers,
];

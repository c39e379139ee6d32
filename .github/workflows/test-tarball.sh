#!/usr/bin/env bash
# In a fresh clone with the tarball beside it: the tests over the tarball's binary for $PLATFORM, then the tarball as a user
# installs it, which must load that binary. See package.yml.
set -euo pipefail

tarball=$(echo "$PWD"/lockstep-*.tgz)
npm ci
mkdir -p build/Release
tar -xzf "$(basename "$tarball")" --strip-components=1 package/dist package/prebuilds
cp "prebuilds/$PLATFORM/lockstep.node" build/Release/
npx vitest run

project=$(mktemp -d)
cd "$project"
npm init --yes > /dev/null
npm install "$tarball"
npx lockstep doctor
node --input-type=module -e '
  import { currentTarget } from "lockstep";
  if (currentTarget() === "typescript") throw new Error("no binary was loaded");'

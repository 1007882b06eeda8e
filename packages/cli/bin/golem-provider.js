#!/usr/bin/env node
// Compiles the command line first where it never was.
import '../../../scripts/cli.js';

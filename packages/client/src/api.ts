// The types of the API, made from its OpenAPI document by `npm run generate`.
export interface paths {
  '/vms': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List VMs
     * @description Oldest first. An owner sees its own.
     */
    get: operations['listVms'];
    put?: never;
    /**
     * Create a VM
     * @description Answers 201 once the VM runs and ssh answers through its public port. A wait that runs out turns into 202; the work goes on.
     */
    post: operations['createVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a VM */
    get: operations['getVm'];
    put?: never;
    post?: never;
    /**
     * Delete a VM
     * @description Stops and removes the VM, its proxy, its port and its keys. During a creation it cancels the creation.
     */
    delete: operations['deleteVm'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/wait': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Wait for a status
     * @description Answers as soon as the VM has the status, or once the time has passed.
     */
    get: operations['waitForVm'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/access': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show how to log in */
    get: operations['getVmAccess'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/start': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start a VM
     * @description Waits until ssh answers through the public port. A VM that runs is left as it is. Where the host takes back the cores and the memory of stopped VMs, the start is refused as a creation would be while they are not free.
     */
    post: operations['startVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop a VM
     * @description Shuts the guest down. The VM keeps its storage and its port and, unless the host takes them back, its cores and memory. One that is stopped is left as it is.
     */
    post: operations['stopVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/restart': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Restart a VM
     * @description Shuts the guest down, starts it again and waits until ssh answers.
     */
    post: operations['restartVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/resize': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resize a stopped VM
     * @description Gives the VM other cores, other memory or more storage. It must be stopped; what it gets in addition must be free. Its file system grows when it is started.
     */
    post: operations['resizeVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/ssh-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the keys of a VM
     * @description Those beside its first one, oldest first.
     */
    get: operations['listSshKeys'];
    put?: never;
    /**
     * Authorise one more key
     * @description The key logs in to the running VM from the answer on, and again after the VM is made anew. The same key under the same name is no error.
     */
    post: operations['addSshKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/ssh-keys/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Withdraw a key
     * @description The key no longer logs in from the answer on; sessions that it opened go on. The VM must be running.
     */
    delete: operations['removeSshKey'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/{id}/recover': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Recover a VM that needs a person
     * @description For the operator, from the machine of the provider. Each action is an operation like the others.
     */
    post: operations['recoverVm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List jobs
     * @description Newest first: those that have not ended, and all of the last seven days, also of VMs that are gone. An owner sees its own.
     */
    get: operations['listJobs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/jobs/{job_id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a job */
    get: operations['getJob'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/vms/jobs/{job_id}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Listen to a job
     * @description Server-Sent Events: all that has happened to the job and is still kept, then what happens, until the job has ended. A listener that reads too slowly is cut off; it resumes by Last-Event-ID.
     */
    get: operations['streamJobEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Listen to everything
     * @description Server-Sent Events: the state changes of VMs and jobs as they happen. With Last-Event-ID first those since; an event named gap where they are not all kept any more. A listener that reads too slowly is cut off; it resumes by Last-Event-ID.
     */
    get: operations['streamEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/provider/info': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show who rents out this host */
    get: operations['getProviderInfo'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/provider/resources': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show what is free */
    get: operations['getProviderResources'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/provider/drain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take no new VMs
     * @description New VMs are refused and the advertisement is withdrawn until undrained, over restarts too. VMs that exist are served as before. Again: nothing changes.
     */
    post: operations['drainProvider'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/provider/undrain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Take new VMs again */
    post: operations['undrainProvider'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/provider/resources/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the load of the last hour
     * @description A point for each sample, oldest first.
     */
    get: operations['getProviderHistory'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tell whether the process is up */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tell whether new VMs can be made */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * @description What a requestor asks for.
     * @example {
     *       "name": "my-webserver",
     *       "cpu_cores": 2,
     *       "memory_gb": 4,
     *       "storage_gb": 20,
     *       "image": "ubuntu:24.04"
     *     }
     */
    CreateVmRequest: {
      name: components['schemas']['VmName'];
      size?: components['schemas']['VmSize'];
      cpu_cores?: number;
      memory_gb?: number;
      storage_gb?: number;
      resources?: {
        cpu?: number;
        memory?: number;
        storage?: number;
      };
      image?: components['schemas']['ImageName'];
      ssh_key?: components['schemas']['SshPublicKey'];
      stream_id?: (string | number) | null;
    };
    /**
     * @description Name of a VM, chosen by the requestor.
     * @example my-webserver
     */
    VmName: string & (unknown & unknown & unknown);
    /** @enum {string} */
    VmSize: 'small' | 'medium' | 'large' | 'xlarge';
    /**
     * @description Name of an image in the catalogue.
     * @example ubuntu:24.04
     */
    ImageName: string;
    /**
     * @description An OpenSSH public key.
     * @example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@example.org
     */
    SshPublicKey: string;
    /**
     * @description State of a VM.
     * @enum {string}
     */
    VmStatus:
      | 'creating'
      | 'running'
      | 'stopping'
      | 'stopped'
      | 'starting'
      | 'restarting'
      | 'deleting'
      | 'deleted'
      | 'error'
      | 'unknown';
    /**
     * @description Identifier of a VM.
     * @example golem-my-webserver-20260101-120000
     */
    VmId: string;
    /** @description What a stopped VM is to have. */
    ResizeVmRequest: {
      cpu_cores?: number;
      memory_gb?: number;
      /** @description At least what the VM has: storage only grows. */
      storage_gb?: number;
    };
    /** @description One more key for a running VM. */
    AddSshKeyRequest: {
      key: components['schemas']['SshPublicKey'];
      name: string;
    };
    /** @description What to do about a VM that needs a person. */
    RecoverVmRequest: {
      /**
       * @description retry: bring about what the VM should be; adopt: take the machine as it is, on or off; recreate: a new, empty machine with the same size, keys and port; delete: remove the VM.
       * @enum {string}
       */
      action: 'retry' | 'adopt' | 'recreate' | 'delete';
    };
    /** @enum {string} */
    JobStatus: 'queued' | 'active' | 'creating' | 'completed' | 'ready' | 'failed' | 'cancelled';
    /**
     * @description Identifier of a job.
     * @example op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10
     */
    OperationId: string;
    /**
     * @description Place of an event; send it as Last-Event-ID to resume.
     * @example 1767268800000-0
     */
    EventId: string;
    /** @description A VM that was created, and what answers for it. */
    CreatedVm: {
      id: components['schemas']['VmId'];
      name: components['schemas']['VmName'];
      status: components['schemas']['VmStatus'];
      /** @description Address of the VM on its host. */
      ip_address: string | null;
      cpu_cores: number;
      memory_gb: number;
      storage_gb: number;
      size: components['schemas']['VmSize'] | null;
      image: string;
      /** @description Host at which ssh reaches the VM from outside. */
      proxy_host: string;
      /** @description Port at which ssh reaches the VM from outside. */
      proxy_port: number | null;
      created_at: components['schemas']['Timestamp'];
      updated_at: components['schemas']['Timestamp'];
      error: components['schemas']['Failure'] | null;
      /** @description The same as the three fields above. */
      resources: {
        cpu: number;
        memory: number;
        storage: number;
      };
      /** @description The same as proxy_port. */
      ssh_port: number | null;
      /**
       * @description Sent as `Authorization: Bearer`, it answers for the VM from wherever a request comes; shown here alone, to whoever is not the operator and has no such token yet.
       * @example gpo_4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10.wJhtrQkZ3m0q1vUyq8sYbA5l0mF7dXr2c4eT6gN9pKs
       */
      owner_token?: string;
    };
    /**
     * Format: date-time
     * @description RFC 3339, UTC.
     * @example 2026-01-01T12:00:00.000Z
     */
    Timestamp: string;
    /** @description The last failure: a stable code and a message. */
    Failure: {
      code: components['schemas']['ErrorCode'];
      message: string;
    };
    /**
     * @description Stable code of a failure; the docs list them.
     * @enum {string}
     */
    ErrorCode:
      | 'MALFORMED_JSON'
      | 'INVALID_REQUEST'
      | 'UNAUTHORIZED'
      | 'FORBIDDEN'
      | 'NOT_FOUND'
      | 'VM_NOT_FOUND'
      | 'JOB_NOT_FOUND'
      | 'SSH_KEY_NOT_FOUND'
      | 'METHOD_NOT_ALLOWED'
      | 'VM_STATE_CONFLICT'
      | 'VM_INTERRUPTED'
      | 'VM_LOST'
      | 'SSH_KEY_NAME_TAKEN'
      | 'SSH_KEY_DUPLICATE'
      | 'SSH_KEYS_EXHAUSTED'
      | 'OPERATION_CANCELLED'
      | 'PRECONDITION_FAILED'
      | 'BODY_TOO_LARGE'
      | 'UNSUPPORTED_MEDIA_TYPE'
      | 'IDEMPOTENCY_KEY_REUSED'
      | 'IMAGE_UNKNOWN'
      | 'RATE_LIMITED'
      | 'INTERNAL'
      | 'HYPERVISOR_FAILED'
      | 'HYPERVISOR_UNAVAILABLE'
      | 'HYPERVISOR_TIMEOUT'
      | 'IMAGE_UNAVAILABLE'
      | 'GUEST_UNREACHABLE'
      | 'GUEST_FAILED'
      | 'PROXY_FAILED'
      | 'RESOURCES_EXHAUSTED'
      | 'THRESHOLD_EXCEEDED'
      | 'DRAINING'
      | 'MAX_VMS_REACHED'
      | 'PORTS_EXHAUSTED'
      | 'WORKER_UNAVAILABLE'
      | 'SAMPLES_STALE'
      | 'STORE_UNAVAILABLE';
    /** @description The creation goes on; poll the job. The token answers for both. */
    CreationAccepted: {
      job_id: components['schemas']['OperationId'];
      vm_id: components['schemas']['VmId'];
      status: components['schemas']['JobStatus'];
      /**
       * @description Sent as `Authorization: Bearer`, it answers for the VM from wherever a request comes; shown here alone, to whoever is not the operator and has no such token yet.
       * @example gpo_4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10.wJhtrQkZ3m0q1vUyq8sYbA5l0mF7dXr2c4eT6gN9pKs
       */
      owner_token?: string;
    };
    /**
     * @description An error (RFC 9457).
     * @example {
     *       "type": "urn:golem-provider:error:invalid-request",
     *       "title": "The request has invalid fields",
     *       "status": 422,
     *       "detail": "The request has invalid fields.",
     *       "instance": "/api/v1/vms",
     *       "code": "INVALID_REQUEST",
     *       "request_id": "0c0d7a4e-3a55-4a0f-9f0a-8f3f4c1f8c55",
     *       "errors": [
     *         {
     *           "pointer": "/name",
     *           "detail": "must have at least 3 characters"
     *         }
     *       ]
     *     }
     */
    Problem: {
      /** @description URI of the kind of problem. */
      type: string;
      title: string;
      status: number;
      detail: string;
      /** @description The path of the request. */
      instance: string;
      code: components['schemas']['ErrorCode'];
      request_id?: string;
      errors?: components['schemas']['FieldProblem'][];
    };
    /** @description One invalid field. */
    FieldProblem: {
      /** @description JSON pointer (RFC 6901) into the body, or the name of a query parameter or header. */
      pointer: string;
      detail: string;
    };
    /**
     * @description A virtual machine.
     * @example {
     *       "id": "golem-my-webserver-20260101-120000",
     *       "name": "my-webserver",
     *       "status": "running",
     *       "ip_address": "10.37.189.23",
     *       "cpu_cores": 2,
     *       "memory_gb": 4,
     *       "storage_gb": 20,
     *       "size": "medium",
     *       "image": "ubuntu:24.04",
     *       "proxy_host": "203.0.113.7",
     *       "proxy_port": 50800,
     *       "created_at": "2026-01-01T12:00:00.000Z",
     *       "updated_at": "2026-01-01T12:00:31.250Z",
     *       "error": null,
     *       "resources": {
     *         "cpu": 2,
     *         "memory": 4,
     *         "storage": 20
     *       },
     *       "ssh_port": 50800
     *     }
     */
    Vm: {
      id: components['schemas']['VmId'];
      name: components['schemas']['VmName'];
      status: components['schemas']['VmStatus'];
      /** @description Address of the VM on its host. */
      ip_address: string | null;
      cpu_cores: number;
      memory_gb: number;
      storage_gb: number;
      size: components['schemas']['VmSize'] | null;
      image: string;
      /** @description Host at which ssh reaches the VM from outside. */
      proxy_host: string;
      /** @description Port at which ssh reaches the VM from outside. */
      proxy_port: number | null;
      created_at: components['schemas']['Timestamp'];
      updated_at: components['schemas']['Timestamp'];
      error: components['schemas']['Failure'] | null;
      /** @description The same as the three fields above. */
      resources: {
        cpu: number;
        memory: number;
        storage: number;
      };
      /** @description The same as proxy_port. */
      ssh_port: number | null;
    };
    /** @description The work goes on; poll the job. */
    JobAccepted: {
      job_id: components['schemas']['OperationId'];
      vm_id: components['schemas']['VmId'];
      status: components['schemas']['JobStatus'];
    };
    /** @description How to log in to a VM. */
    VmAccess: {
      vm_id: string;
      ssh_host: string;
      ssh_port: number;
      ssh_user: string;
      ssh_key: {
        public_key: string;
        /** @description OpenSSH format. */
        private_key?: string;
      };
      /** @description Public key with which the VM proves its identity; for known_hosts. */
      ssh_host_key: string | null;
    };
    /** @description The VM is still being created. */
    VmAccessPending: {
      vm_id: string;
      status: string;
    };
    /** @description A named public key. */
    SshKey: {
      name: string;
      key: components['schemas']['SshPublicKey'];
      /**
       * @description adding: the guest is to get it; active: it logs in; removing: the guest is to lose it.
       * @enum {string}
       */
      state: 'adding' | 'active' | 'removing';
    };
    /**
     * @description An operation on a VM.
     * @example {
     *       "job_id": "op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10",
     *       "vm_id": "golem-my-webserver-20260101-120000",
     *       "operation": "create",
     *       "status": "creating",
     *       "phase": "fetching_image",
     *       "phases": [
     *         {
     *           "phase": "queued",
     *           "reached_at": "2026-01-01T12:00:00.000Z"
     *         },
     *         {
     *           "phase": "preparing",
     *           "reached_at": "2026-01-01T12:00:00.080Z"
     *         },
     *         {
     *           "phase": "fetching_image",
     *           "reached_at": "2026-01-01T12:00:00.210Z"
     *         }
     *       ],
     *       "progress": 40,
     *       "attempts": 0,
     *       "error": null,
     *       "created_at": "2026-01-01T12:00:00.000Z",
     *       "started_at": "2026-01-01T12:00:00.050Z",
     *       "updated_at": "2026-01-01T12:00:07.400Z",
     *       "finished_at": null
     *     }
     */
    Job: {
      job_id: components['schemas']['OperationId'];
      vm_id: components['schemas']['VmId'];
      operation: components['schemas']['OperationKind'];
      status: components['schemas']['JobStatus'];
      phase: components['schemas']['OperationPhase'];
      /** @description The phases so far, the present one last. */
      phases: components['schemas']['ReachedPhase'][];
      /** @description Percent of the phase, where it is known. */
      progress: number | null;
      /** @description Tries that have failed; after a failure that may pass it is tried again. */
      attempts: number;
      error: components['schemas']['Failure'] | null;
      created_at: components['schemas']['Timestamp'];
      /** @description When it was begun first. */
      started_at: components['schemas']['Timestamp'] | null;
      updated_at: components['schemas']['Timestamp'];
      finished_at: components['schemas']['Timestamp'] | null;
    };
    /** @enum {string} */
    OperationKind:
      'create' | 'start' | 'stop' | 'restart' | 'resize' | 'update_keys' | 'delete' | 'retry' | 'adopt' | 'recreate';
    /**
     * @description Where the operation is.
     * @enum {string}
     */
    OperationPhase:
      | 'queued'
      | 'preparing'
      | 'fetching_image'
      | 'creating'
      | 'booting'
      | 'forwarding'
      | 'waiting_for_ssh'
      | 'updating_keys'
      | 'stopping'
      | 'resizing'
      | 'removing'
      | 'done';
    /** @description When the operation came to a phase. */
    ReachedPhase: {
      phase: components['schemas']['OperationPhase'];
      reached_at: components['schemas']['Timestamp'];
    };
    /** @description The data of one event of a stream, as JSON. The name of the event is its type. */
    StreamedEvent: components['schemas']['ProviderEvent'] | components['schemas']['GapEvent'];
    /** @description A state change. */
    ProviderEvent:
      | {
          /** @constant */
          type: 'vm';
          at: components['schemas']['Timestamp'];
          vm_id: components['schemas']['VmId'];
          status: components['schemas']['VmStatus'];
          error: components['schemas']['Failure'] | null;
        }
      | {
          /** @constant */
          type: 'operation';
          at: components['schemas']['Timestamp'];
          vm_id: components['schemas']['VmId'];
          job_id: components['schemas']['OperationId'];
          operation: components['schemas']['OperationKind'];
          /** @enum {string} */
          status: 'queued' | 'active' | 'completed' | 'failed' | 'cancelled';
          phase: components['schemas']['OperationPhase'];
          progress: number | null;
          error: components['schemas']['Failure'] | null;
        }
      | {
          /** @constant */
          type: 'mend';
          at: components['schemas']['Timestamp'];
          vm_id: components['schemas']['VmId'];
          mend: components['schemas']['MendKind'];
        };
    /**
     * @description vm: machine or forward are again as the VM is wished. record: a VM that Redis had lost is back from its manifest. manifest: one that cannot be trusted was set aside. holding: what the VM held was not what its record says. job: an operation had lost its job. stray: what was left of a VM without record is removed. port: another program had the port of the VM, which has another one now.
     * @enum {string}
     */
    MendKind: 'vm' | 'record' | 'manifest' | 'holding' | 'job' | 'stray' | 'port';
    /** @description Events between the place that was asked for and the next event are lost. */
    GapEvent: {
      /** @constant */
      type: 'gap';
      /** @description The place that was asked for. */
      last_event_id: components['schemas']['EventId'];
    };
    /** @description Who rents out this host, and with what. */
    ProviderInfo: {
      provider_id: string;
      name: string;
      country: string;
      /** @description x86_64 or arm64; null until the monitor has looked. */
      platform: string | null;
      /** @description Ed25519 key (PEM) that signs what this provider advertises; null until the advertiser has reported once. */
      public_key: string | null;
      /** @description Address at which requestors reach the host. */
      ip_address: string;
      version: string;
      /** @description Null until the worker has reported once. */
      hypervisor: components['schemas']['HypervisorInfo'] | null;
      advertisement: components['schemas']['AdvertisementState'];
    };
    /** @description What serves the VMs. */
    HypervisorInfo: {
      /** @description Driver that serves the VMs. */
      name: string;
      /** @description Null while the hypervisor does not answer. */
      version: string | null;
      /** @description kvm, tcg (software emulation), or null where the hypervisor decides by itself. */
      acceleration: string | null;
      /**
       * @description internet: guests reach public addresses only; isolated: guests have no way out.
       * @enum {string}
       */
      guest_network: 'internet' | 'isolated';
      default_image: string;
      /** @description The catalogue; available: on this host already, others are fetched at first use. */
      images: {
        name: string;
        aliases: string[];
        available: boolean;
      }[];
    };
    /** @description Whether requestors can find this provider. */
    AdvertisementState: {
      /**
       * @description advertised: seen there as it should be; paused: withdrawn on purpose; pending: not tried yet.
       * @enum {string}
       */
      status: 'advertised' | 'paused' | 'failing' | 'pending';
      /** @description When the discovery service last took and showed the advertisement. */
      last_success_at: components['schemas']['Timestamp'] | null;
      /** @description Why it is paused or failing, or what is doubtful about what is advertised. */
      reason: string | null;
    };
    /** @description What there is, what is held and what is free. */
    ProviderResources: {
      /** @description What the machine has. total = host_reserve + reserved + available, its cores times cpu_overcommit. */
      total: components['schemas']['Resources'] | null;
      /** @description How many cores are sold for each one that is there. */
      cpu_overcommit: number | null;
      /** @description What is not for VMs: the host's own share and, of storage, files that are not of VMs. */
      host_reserve: components['schemas']['Resources'] | null;
      /** @description What VMs hold. One that is stopped holds its storage at least. */
      reserved: components['schemas']['Resources'];
      /** @description What a new VM could get. */
      available: components['schemas']['Resources'];
      /** @description Load of the machine. */
      usage_percent: components['schemas']['UsagePercent'] | null;
      thresholds: components['schemas']['UsagePercent'];
      /** @description Whether the smallest VM would be taken now. */
      accepting: boolean;
      reasons: components['schemas']['RefusalReason'][];
    };
    /** @description Cores (count), memory and storage (GiB). */
    Resources: {
      cpu_cores: number;
      memory_gb: number;
      storage_gb: number;
    };
    /** @description Share in use, percent. */
    UsagePercent: {
      cpu: number;
      memory: number;
      storage: number;
    };
    /** @description Why no new VM is taken. */
    RefusalReason: {
      code: components['schemas']['ErrorCode'];
      detail: string;
    };
    /** @description Whether the operator lets new VMs in. */
    DrainState: {
      /** @description Whether new VMs are refused because the operator said so. */
      draining: boolean;
      /** @description Since when; null while new VMs are taken. */
      since: components['schemas']['Timestamp'] | null;
    };
    /** @description What the load of the machine was lately. */
    ProviderHistory: {
      /** @description Oldest first. */
      points: components['schemas']['HistoryPoint'][];
    };
    /** @description Load of the machine at one moment. */
    HistoryPoint: {
      sampled_at: components['schemas']['Timestamp'];
      usage_percent: components['schemas']['UsagePercent'];
      /** @description The dimensions for which no new VM was taken. */
      over_limit: ('cpu' | 'memory' | 'storage')[];
    };
    /** @description The process is up. */
    Health: {
      /** @constant */
      status: 'ok';
    };
    /** @description Whether new VMs can be made. */
    Readiness: {
      ready: boolean;
      checks: components['schemas']['ReadinessCheck'][];
    };
    /** @description One thing that should hold. */
    ReadinessCheck: {
      name: string;
      ok: boolean;
      /** @description Whether new VMs depend on it; the others are told for information. */
      required: boolean;
      detail: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  listVms: {
    parameters: {
      query?: {
        status?: components['schemas']['VmStatus'];
        name?: components['schemas']['VmName'];
        /** @description At most so many; all when left out. */
        limit?: number;
        /** @description From the Link header of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VMs. */
      200: {
        headers: {
          /** @description rel="next": the next page, where there is one. */
          Link?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'][];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description A key that nobody guesses, such as a UUID. The same request with the same key makes no second VM within 24 hours and is answered as the first one was. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateVmRequest'];
      };
    };
    responses: {
      /** @description The VM runs. */
      201: {
        headers: {
          /** @description Path of the resource. */
          Location?: string;
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedVm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreationAccepted'];
        };
      };
      /** @description `MALFORMED_JSON`: The body is not JSON. */
      400: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `BODY_TOO_LARGE`: The body is too large. */
      413: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNSUPPORTED_MEDIA_TYPE`: The media type is not supported. */
      415: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used with another body. `IMAGE_UNKNOWN`: The image is not in the catalogue. `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RESOURCES_EXHAUSTED`: Not enough free resources. `THRESHOLD_EXCEEDED`: The host is too busy. `DRAINING`: The host takes no new VMs. `MAX_VMS_REACHED`: The host has as many VMs as it may. `PORTS_EXHAUSTED`: No ssh port is free. `WORKER_UNAVAILABLE`: The worker is not there. `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `SAMPLES_STALE`: The load of the host is not known. `IMAGE_UNAVAILABLE`: The image cannot be had. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getVm: {
    parameters: {
      query?: never;
      header?: {
        /** @description ETag of the VM as it was read before. */
        'if-none-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VM. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The VM is as it was. */
      304: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description The VM is gone. */
      204: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  waitForVm: {
    parameters: {
      query: {
        /** @description The status to wait for. */
        status: components['schemas']['VmStatus'];
        /** @description Seconds to wait at most; no wait is longer than the provider allows. */
        timeout?: number;
      };
      header?: never;
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VM has the status. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description Not yet: the VM as it is. */
      202: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getVmAccess: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where and as whom ssh gets in. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['VmAccess'];
        };
      };
      /** @description The VM is still being created. */
      202: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['VmAccessPending'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  startVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VM runs. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `VM_LOST`: The machine of the VM is lost. `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `RESOURCES_EXHAUSTED`: Not enough free resources. `THRESHOLD_EXCEEDED`: The host is too busy. `WORKER_UNAVAILABLE`: The worker is not there. `SAMPLES_STALE`: The load of the host is not known. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  stopVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VM is stopped. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `VM_LOST`: The machine of the VM is lost. `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  restartVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The VM runs again. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `VM_LOST`: The machine of the VM is lost. `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  resizeVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ResizeVmRequest'];
      };
    };
    responses: {
      /** @description The VM has it. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description `MALFORMED_JSON`: The body is not JSON. */
      400: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `BODY_TOO_LARGE`: The body is too large. */
      413: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNSUPPORTED_MEDIA_TYPE`: The media type is not supported. */
      415: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RESOURCES_EXHAUSTED`: Not enough free resources. `THRESHOLD_EXCEEDED`: The host is too busy. `WORKER_UNAVAILABLE`: The worker is not there. `SAMPLES_STALE`: The load of the host is not known. `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listSshKeys: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SshKey'][];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  addSshKey: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AddSshKeyRequest'];
      };
    };
    responses: {
      /** @description The key logs in. */
      201: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SshKey'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description `MALFORMED_JSON`: The body is not JSON. */
      400: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `OPERATION_CANCELLED`: The operation was cancelled. `SSH_KEY_NAME_TAKEN`: Another key has this name. `SSH_KEY_DUPLICATE`: The VM has this key already. `SSH_KEYS_EXHAUSTED`: The VM has as many keys as it may. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `BODY_TOO_LARGE`: The body is too large. */
      413: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNSUPPORTED_MEDIA_TYPE`: The media type is not supported. */
      415: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `GUEST_FAILED`: The guest could not do it. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  removeSshKey: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description The key is withdrawn. */
      204: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. `SSH_KEY_NOT_FOUND`: The VM has no key of this name. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `OPERATION_CANCELLED`: The operation was cancelled. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `GUEST_FAILED`: The guest could not do it. `PROXY_FAILED`: The ssh proxy could not be set up. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  recoverVm: {
    parameters: {
      query?: {
        /** @description Answer 202 at once and go on in the background. */
        async?: boolean;
      };
      header?: {
        /** @description respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240). */
        prefer?: string;
        /** @description ETag of the VM as it was read: the change is refused with 412 where the VM is another since. */
        'if-match'?: string;
      };
      path: {
        /** @description Identifier of a VM. */
        id: components['schemas']['VmId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RecoverVmRequest'];
      };
    };
    responses: {
      /** @description The VM is recovered. */
      200: {
        headers: {
          /** @description Changes whenever the VM does. */
          ETag?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Vm'];
        };
      };
      /** @description The work goes on in the background. */
      202: {
        headers: {
          /** @description Path of the job. */
          Location?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobAccepted'];
        };
      };
      /** @description The VM is gone, as was asked for. */
      204: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `MALFORMED_JSON`: The body is not JSON. */
      400: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_NOT_FOUND`: There is no such VM. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `VM_STATE_CONFLICT`: The VM is not in a state that allows this. `VM_LOST`: The machine of the VM is lost. `OPERATION_CANCELLED`: The operation was cancelled. `VM_INTERRUPTED`: The machine of the VM is not as it should be. */
      409: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `PRECONDITION_FAILED`: The resource has changed. */
      412: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `BODY_TOO_LARGE`: The body is too large. */
      413: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `UNSUPPORTED_MEDIA_TYPE`: The media type is not supported. */
      415: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `IMAGE_UNKNOWN`: The image is not in the catalogue. `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_FAILED`: The hypervisor failed. `HYPERVISOR_TIMEOUT`: The hypervisor did not finish in time. `GUEST_UNREACHABLE`: The guest does not answer by ssh. `PROXY_FAILED`: The ssh proxy could not be set up. `GUEST_FAILED`: The guest could not do it. */
      502: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `HYPERVISOR_UNAVAILABLE`: The hypervisor does not answer. `PORTS_EXHAUSTED`: No ssh port is free. `RESOURCES_EXHAUSTED`: Not enough free resources. `THRESHOLD_EXCEEDED`: The host is too busy. `WORKER_UNAVAILABLE`: The worker is not there. `SAMPLES_STALE`: The load of the host is not known. `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listJobs: {
    parameters: {
      query?: {
        status?: components['schemas']['JobStatus'];
        vm_id?: components['schemas']['VmId'];
        /** @description At most so many; 50 when left out. */
        limit?: number;
        /** @description From the Link header of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The jobs. */
      200: {
        headers: {
          /** @description rel="next": the next page, where there is one. */
          Link?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Job'][];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getJob: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Identifier of a job. */
        job_id: components['schemas']['OperationId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The job. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Job'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `JOB_NOT_FOUND`: There is no such job. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  streamJobEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description Go on after this event; browsers send it by themselves. */
        'last-event-id'?: components['schemas']['EventId'];
      };
      path: {
        /** @description Identifier of a job. */
        job_id: components['schemas']['OperationId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The events of the job. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': components['schemas']['StreamedEvent'];
        };
      };
      /** @description The job has ended and its last event was received already; do not reconnect. */
      204: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `JOB_NOT_FOUND`: There is no such job. */
      404: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  streamEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description Go on after this event; browsers send it by themselves. */
        'last-event-id'?: components['schemas']['EventId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The events. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': components['schemas']['StreamedEvent'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getProviderInfo: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The provider. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderInfo'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getProviderResources: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The resources. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderResources'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  drainProvider: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No new VM is taken. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DrainState'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  undrainProvider: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description New VMs are taken. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DrainState'];
        };
      };
      /** @description `UNAUTHORIZED`: Authentication is needed. */
      401: {
        headers: {
          /** @description How to be let in. */
          'WWW-Authenticate'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `FORBIDDEN`: The token does not allow this. */
      403: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getProviderHistory: {
    parameters: {
      query?: {
        /** @description At most so many of the last points; 120 when left out. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The history. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderHistory'];
        };
      };
      /** @description `INVALID_REQUEST`: The request has invalid fields. */
      422: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `STORE_UNAVAILABLE`: The record store does not answer. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description They can. */
      200: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Readiness'];
        };
      };
      /** @description `RATE_LIMITED`: Too many requests. */
      429: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `INTERNAL`: A defect of the provider. */
      500: {
        headers: {
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description Something is missing; the checks say what. */
      503: {
        headers: {
          /** @description Seconds to wait. */
          'Retry-After'?: string;
          /** @description Names the request in logs and problems; taken from the request where it sends one. */
          'X-Request-Id'?: string;
          /** @description What is left of each limit (draft 8 of the RateLimit header fields). */
          RateLimit?: string;
          /** @description The limits of a client. */
          'RateLimit-Policy'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Readiness'];
        };
      };
    };
  };
}

using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Postgres;

public sealed record PrivatePostgresOptions
{
    /// <summary>Holds the cluster, its password and its log. Made when missing; used again when it is there.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>0 finds a free one.</summary>
    public int Port { get; init; }

    public Durability Durability { get; init; } = Durability.Full;
}

public enum Durability
{
    /// <summary>A commit is on disk before it is acknowledged: what a person's data and every figure stand on.</summary>
    Full,

    /// <summary>No fsync: quick, and lost with the machine (though not with the process). For tests only.</summary>
    Relaxed,
}

public enum PostgresStop
{
    /// <summary>Disconnects everybody, rolls back what was open, and shuts down in order.</summary>
    Fast = Signal.Interrupt,

    /// <summary>Stops without a checkpoint, as a crash would; the next start recovers.</summary>
    Immediate = Signal.Quit,

    /// <summary>kill -9 of the server: not even its lock file is taken away.</summary>
    Kill = Signal.Kill,
}

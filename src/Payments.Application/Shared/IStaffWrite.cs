using System.Text.Json;

namespace Payments.Application.Shared;

/// <summary>Something that staff ask for and that changes something. What is refused of it is in the audit log too.</summary>
public interface IStaffWrite
{
    /// <summary>Most characters of a reason.</summary>
    const int LongestReason = 500;

    Actor Actor { get; }

    /// <summary>Why, in the actor's words; kept in the audit log.</summary>
    string? Reason { get; }

    /// <summary>The request's field of it.</summary>
    string ReasonField => "reason";

    /// <summary>How the audit log calls a refusal of it.</summary>
    string RefusedAs => "write.refused";

    /// <summary>What the audit log says it was about.</summary>
    string Subject => JsonNamingPolicy.CamelCase.ConvertName(GetType().Name);

    /// <summary>What was wanted, for the audit log.</summary>
    object Wanted => this;
}

Feature: What belongs to one served user touches no other

  The participating function acts for each user by that user's own preferences, store and limits. None of this is scored: it
  shows that what other features see of one user is that user's alone.

  @PF-GEN-01 @TP-PF-GEN-01-01.preferences @context @participating-function
  Scenario: Bob blocks Carol and cannot be reached by her, and Eve can
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob blocks Carol
    When Carol sends Eve the message "Hello Eve"
    And Carol sends Bob the message "Hello Bob"
    And Alice sends Bob the message "Hello from Alice"
    Then Eve's tablet gets the message "Hello Eve"
    And Bob never sees the message "Hello Bob", whose author is blocked
    And Bob's phone gets the message "Hello from Alice"

  @PF-GEN-01 @TP-PF-GEN-01-01.store @context @participating-function
  Scenario: What waits for Bob waits for him alone, while Eve is served at once
    Given Bob, a served user, is offline
    And Eve, a served user, is online with a tablet
    When Alice sends Bob the message "For Bob, when he is back"
    And Alice sends Eve the message "For Eve, at once"
    And it is quiet for a while
    And Bob's phone registers
    Then Eve's tablet gets the message "For Eve, at once"
    And the message "For Bob, when he is back", which waited, reaches Bob
    And the message "For Bob, when he is back" is nowhere altered
    And the message "For Eve, at once" is nowhere altered

  @PF-GEN-01 @TP-PF-GEN-01-01.limit @context @participating-function @max_sessions=limited
  Scenario: Bob has as many sessions as he may have, and Eve can still be called
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And the session "One too many" of Carol with Bob
    And the session "Another" of Carol with Bob
    And the session "Elsewhere" of Carol with Eve
    When Alice begins as many sessions with Bob as the statement allows, "Lunch" the first
    And Carol calls Bob for "One too many"
    And Carol calls Eve for "Elsewhere"
    And Alice hangs up "Lunch"
    And Carol calls Bob for "Another"
    Then of Bob's sessions "One too many" is refused and "Another" is not
    And "Elsewhere" stands with Eve's tablet

  @PF-GEN-01 @TP-PF-GEN-01-02.stranger @context @participating-function
  Scenario: A message comes for Zoe, whom the participating function does not serve, and one for Bob
    Given Bob, a served user, is offline
    When Alice sends Zoe the message "For somebody else"
    And Alice sends Bob the message "For Bob, when he is back"
    And it is quiet for a while
    And Bob's phone registers
    Then the message "For Bob, when he is back", which waited, reaches Bob
    And the message "For somebody else" is not kept for Zoe, and never comes

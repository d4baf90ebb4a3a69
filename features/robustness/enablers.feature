Feature: What the function is built on works side by side

  Calls, messages, wishes of users and bills come from enablers of their own. None of this is scored: the report says what was
  seen of each, and what the base rules make of it.

  @PF-ENB-01 @TP-PF-ENB-01-01.side-by-side @context @participating-function @charging_interface=rf_ro
  Scenario: Bob blocks Carol, talks with Alice, and both are on the bill
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    And the session "Lunch" of Alice with Bob
    When Carol sends Bob the message "From Carol"
    And Alice sends Bob the message "From Alice"
    And Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Alice hangs up "Lunch"
    Then Bob never sees the message "From Carol", whose author is blocked
    And Bob's phone gets the message "From Alice"
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob
    And "Lunch" of Bob is recorded from its beginning to its end
    And the message "From Alice" of Bob is recorded once
